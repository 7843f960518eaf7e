import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{lib,collectors,workers,simulator,db,scripts,tests,bench}/**/*.test.ts'],
    passWithNoTests: false,
  },
});
