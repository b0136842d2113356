import { defineConfig } from 'vitest/config'

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
          name: 'integration',
          include: ['test/**/*.test.ts'],
          exclude: ['test/architecture.test.ts'],
          environment: 'node',
          globalSetup: ['test/brokers/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          // After the others: vitest refuses projects of one group that differ in their number of workers.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
