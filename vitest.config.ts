import { defineConfig, type ViteUserConfig } from "vitest/config";

// Integration tests run the built command as a user would, so they need time to start processes,
// and they share two cores with their peers: few at once. The limits are for a machine that is four
// times slower than usual; they only say when to stop hoping.
const config: ViteUserConfig = defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

export default config;
