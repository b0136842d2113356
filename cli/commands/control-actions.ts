import type { ExitCode } from '../exit.ts'
import type { ControlActions } from '../program-controls.ts'
import type { Session } from '../session.ts'

/**
 * The commands that change something, and those that tell what was changed. Loaded when one of them is run: a plain
 * command need not know them.
 * @param reading makes the session of a command that only reads
 * @param writing makes that of one that may wait for a person
 */
export function controlActions(
  reading: () => Session,
  writing: () => Session,
  end: (code: ExitCode) => void,
): ControlActions {
  const order = async (
    targets: readonly string[],
    { order, options }: Parameters<typeof import('./control.ts')['control']>[2],
  ) => {
    const { control } = await import('./control.ts')
    end(await control(writing(), targets, { order, options }))
  }
  return {
    pause: (targets, options) => order(targets, { order: { verb: 'pause' }, options }),
    throttle: (targets, options) =>
      order(targets, { order: { verb: 'throttle', perSecond: options.rate, fromPerSecond: null }, options }),
    limit: (targets, options) =>
      order(targets, { order: { verb: 'limit', concurrency: options.concurrency }, options }),
    resume: async (targets, options) => {
      const { resume } = await import('./resume.ts')
      end(await resume(writing(), targets, options))
    },
    controlsList: async (options) => {
      const { controlsList } = await import('./controls.ts')
      end(await controlsList(reading(), options))
    },
    controlsShow: async (id) => {
      const { controlsShow } = await import('./controls.ts')
      end(await controlsShow(reading(), id))
    },
    controlsLift: async (ids, options) => {
      const { controlsLift } = await import('./controls.ts')
      end(await controlsLift(writing(), ids, options))
    },
    controlsExtend: async (id, options) => {
      const { controlsExtend } = await import('./controls.ts')
      end(await controlsExtend(writing(), id, options))
    },
    act: async (act, queue, ids, options) => {
      const { actOnJobs } = await import('./act.ts')
      end(await actOnJobs(writing(), act, { queue, ids, options }))
    },
    cancel: async (runs, options) => {
      const { cancel } = await import('./cancel.ts')
      end(await cancel(writing(), runs, options))
    },
    saga: async (act, ref, options) => {
      const { repairSaga } = await import('./saga.ts')
      end(await repairSaga(writing(), act, { ref, options }))
    },
    login: async () => {
      const { login } = await import('./login.ts')
      end(login(reading()))
    },
    whoami: async () => {
      const { whoami } = await import('./login.ts')
      end(await whoami(reading()))
    },
    history: async (text, options) => {
      const { history } = await import('./history.ts')
      end(await history(reading(), text, options))
    },
  }
}
