import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The web page: built into dist/web, from where the server sends it. */
export default defineConfig({
  root: 'web',
  // Pages lie at any depth (/queues/a/b), so that files are asked for from the root.
  base: '/',
  plugins: [react()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    // The oldest that know light-dark(), which the tokens are made of: nothing is rewritten for older ones.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: { port: 7381, strictPort: false, proxy: { '/api': { target: 'http://127.0.0.1:7380' } } },
})
