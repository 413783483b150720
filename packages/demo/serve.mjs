// Serves the built demo, and gives it the address of its service. Used by `npm start` and by the demo's own test.
import { preview } from 'vite';

/** @param {{ service: string, clientId: string, port?: number, people?: readonly { name: string, email: string }[] }} options */
export async function serveDemo({ port = 0, service, clientId, people = [] }) {
  const config = JSON.stringify({ service, clientId, people });
  const server = await preview({
    root: import.meta.dirname,
    configFile: false,
    logLevel: 'error',
    preview: { host: '127.0.0.1', port, strictPort: port !== 0 },
    plugins: [
      {
        name: 'demo-config',
        configurePreviewServer({ middlewares }) {
          middlewares.use('/config.json', (_request, response) => {
            response.setHeader('content-type', 'application/json');
            response.setHeader('cache-control', 'no-store');
            response.end(config);
          });
        },
      },
    ],
  });
  const { port: taken } = server.httpServer.address();
  return { url: `http://127.0.0.1:${taken}`, close: () => server.close() };
}
