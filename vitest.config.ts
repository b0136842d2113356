import { defineConfig } from 'vitest/config'

/** What measures times, or stops and floods brokers: alone on the machine, after all others. */
const TIMED = [
  'test/conformance/{jobs-controls,jobs-faults,jobs-fleet,kafka-failing,rabbitmq-trouble,redis-failing,redis-scale}.test.ts',
  'test/conformance/two-dashboards.test.ts',
  'test/journey/{failing,followers}.test.ts',
]

/** What runs on the embedded Redis engine too; with SLUICE_REDIS=embedded all of it does. */
const ON_EMBEDDED_REDIS = [
  'test/conformance/{jobs,jobs-acts,jobs-controls,jobs-items,jobs-iterating,jobs-schedule,jobs-ties}.test.ts',
  'test/conformance/{saga,sagas-acting,outbox}.test.ts',
  'test/conformance/redis-{bullmq,bullmq-lever,controls,jobs,readonly,sidekiq,sluice}.test.ts',
]

const onBrokers = {
  environment: 'node' as const,
  globalSetup: ['test/brokers/global-setup.ts'],
  testTimeout: 60_000,
  hookTimeout: 120_000,
}

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['server/**/*.test.ts', 'cli/**/*.test.{ts,tsx}', 'test/architecture.test.ts'],
          environment: 'node',
          // Nothing here takes a second; a busy machine may.
          testTimeout: 20_000,
        },
      },
      { test: { name: 'web', include: ['web/**/*.test.{ts,tsx}'], environment: 'node' } },
      {
        test: {
          ...onBrokers,
          name: 'integration',
          include: ['test/**/*.test.ts'],
          exclude: ['test/architecture.test.ts', ...TIMED],
          maxWorkers: 2,
          // After the others: vitest refuses projects of one group that differ in their number of workers.
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...onBrokers,
          name: 'embedded',
          include: ON_EMBEDDED_REDIS,
          env: { SLUICE_REDIS: 'embedded' },
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      { test: { ...onBrokers, name: 'timed', include: TIMED, maxWorkers: 1, sequence: { groupOrder: 2 } } },
    ],
  },
})
