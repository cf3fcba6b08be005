import { defineConfig, type ViteUserConfig } from "vitest/config";

// Integration tests run the built command as a user would, so they need time to start processes,
// and they share two cores with their peers: few at once.
const config: ViteUserConfig = defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});

export default config;
