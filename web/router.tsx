import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { parseSearch, readHistorySearch, readListSearch, readTabSearch, writeSearch } from './data/list-search.ts'
import { GroupPage } from './pages/group.tsx'
import { GroupsPage } from './pages/groups.tsx'
import { OverviewPage } from './pages/overview.tsx'
import { QueuePage } from './pages/queue.tsx'
import { QueuesPage } from './pages/queues.tsx'
import { RunsPage } from './pages/runs.tsx'
import { SourcePage } from './pages/source.tsx'
import { SourcesPage } from './pages/sources.tsx'
import { TopicPage } from './pages/topic.tsx'
import { TopicsPage } from './pages/topics.tsx'
import { WorkersPage } from './pages/workers.tsx'
import { ProblemView } from './parts/problem-view.tsx'
import { Shell } from './parts/shell.tsx'

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound })

const list = { getParentRoute: () => root, validateSearch: readListSearch }
const one = { getParentRoute: () => root }

// A name may hold slashes (a RabbitMQ vhost): whatever follows the source is the name's reference tail.
const routes = root.addChildren([
  createRoute({ ...one, path: '/', component: OverviewPage }),
  createRoute({ ...list, path: '/queues', component: QueuesPage }),
  createRoute({ ...one, path: '/queues/$source/$', component: QueuePage, validateSearch: readTabSearch }),
  createRoute({ ...list, path: '/groups', component: GroupsPage }),
  createRoute({ ...one, path: '/groups/$source/$', component: GroupPage }),
  createRoute({ ...list, path: '/topics', component: TopicsPage }),
  createRoute({ ...one, path: '/topics/$source/$', component: TopicPage }),
  createRoute({ ...list, path: '/workers', component: WorkersPage }),
  createRoute({ ...list, path: '/runs', component: RunsPage }),
  createRoute({
    ...{ ...one, path: '/runs/$source/$' },
    component: lazyRouteComponent(() => import('./pages/run.tsx'), 'RunPage'),
  }),
  createRoute({
    ...{ ...one, path: '/sagas/$source/$' },
    component: lazyRouteComponent(() => import('./pages/saga.tsx'), 'SagaPage'),
  }),
  createRoute({
    ...{ ...one, path: '/controls' },
    component: lazyRouteComponent(() => import('./pages/controls.tsx'), 'ControlsPage'),
  }),
  createRoute({
    ...{ ...one, path: '/history', validateSearch: readHistorySearch },
    component: lazyRouteComponent(() => import('./pages/history.tsx'), 'HistoryPage'),
  }),
  createRoute({ ...list, path: '/sources', component: SourcesPage }),
  createRoute({ ...one, path: '/sources/$source', component: SourcePage }),
])

/** The path is identity, the search is view state. */
export const router = createRouter({
  routeTree: routes,
  parseSearch,
  stringifySearch: writeSearch,
  trailingSlash: 'never',
  defaultPreload: false,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}

function NotFound() {
  return <ProblemView problem={null} failure="There is no such page." back={{ to: '/', label: 'To the overview' }} />
}
