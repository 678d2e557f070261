import { defineConfig } from 'vitest/config'

/**
 * Suites named `*.server.test.ts` need the private servers that `npm test` starts; `*.newer-node.test.ts` also a Node that is
 * newer than the oldest one sherd runs on, which `npm test` finds for them; all others need nothing.
 */
export default defineConfig({
  test: {
    // vitest leaves one core free by default, which on two cores halves the speed.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.server.test.ts', 'test/**/*.newer-node.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'servers',
          include: ['test/**/*.server.test.ts'],
          globalSetup: ['test/servers/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'newer-node',
          include: ['test/**/*.newer-node.test.ts'],
          globalSetup: ['test/servers/require-newer-node.ts', 'test/servers/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
