import path from 'node:path';

/** @type {import('next').NextConfig} */
export default {
  poweredByHeader: false,
  reactStrictMode: true,
  devIndicators: false,
  // Nothing here is a picture of somebody else's: who may look would have the server fetch what they name.
  images: { unoptimized: true },
  // Types are checked by their own stage of the tests; a first start should not wait for them.
  typescript: { ignoreBuildErrors: true },
  // Addresses of the predecessor, which stand in bookmarks and at the brokers.
  redirects: async () =>
    Object.entries({
      '/login.html': '/connections',
      '/success.html': '/connections',
      '/dashboard.html': '/',
      '/index.html': '/',
    }).map(([source, destination]) => ({ source, destination, permanent: true })),
  // Lockfiles further up are none of ours.
  turbopack: { root: path.resolve(import.meta.dirname) },
};
