/** The route handlers of the app by their files, so that a test can ask each of them without Next.js around it. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../lib/config/root.ts';
import type { RoleHandler } from '../../lib/services/route.ts';

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];

export interface ApiRoute {
  readonly method: Method;
  /** With the names of dynamic parts in brackets, as Next.js has them. */
  readonly path: string;
  /** Whom it is for; undefined where it asks nobody who they are. */
  readonly role: RoleHandler['role'] | undefined;
  readonly handler: (request: Request, context: { params: Promise<Record<string, string>> }) => Promise<Response>;
}

/** Every method of every route below app/api. */
export async function apiRoutes(): Promise<ApiRoute[]> {
  const files = readdirSync(path.join(packageRoot, 'app/api'), { recursive: true, encoding: 'utf8' })
    .filter((file) => path.basename(file) === 'route.ts')
    .map((file) => path.posix.join('app/api', file))
    // As Next.js looks for them: a name of its own goes before a dynamic part, which answers what is left.
    .sort((a, b) => (a.replaceAll('[', '~') < b.replaceAll('[', '~') ? -1 : 1));
  const routes = await Promise.all(
    files.map(async (file) => {
      const exported = (await import(path.join(packageRoot, file))) as Partial<Record<Method, RoleHandler>>;
      return METHODS.flatMap((method) => {
        const handler = exported[method];
        if (!handler) return [];
        return { method, path: `/${path.dirname(file).slice('app/'.length)}`, role: handler.role, handler };
      });
    }),
  );
  return routes.flat();
}

/** An address that the route answers: something stands in the place of each dynamic part. */
export const samplePath = ({ path: pattern }: ApiRoute): string => pattern.replace(/\[[^\]]+\]/g, '1');

/** Whether the route answers a path. */
export function answers({ path: pattern }: ApiRoute, asked: string): boolean {
  const expression = pattern.replace(/\[\.\.\.[^\]]+\]/g, '.+').replace(/\[[^\]]+\]/g, '[^/]+');
  return new RegExp(`^${expression}$`).test(asked);
}
