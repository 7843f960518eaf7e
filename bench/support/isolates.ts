/** The JS heaps behind a page: its own, those of its workers, and that of the connection that all tabs share. */
import type { CDPSession, Page } from '@playwright/test';

/** A heap that can be asked. Workers are spoken to through the session that they were found by. */
interface Isolate {
  readonly name: string;
  send(method: string): Promise<unknown>;
}

export interface Heaps {
  /** Bytes in use of each after its garbage was collected, by name. */
  used(): Promise<ReadonlyMap<string, number>>;
}

interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** Heaps of what the page has by now: workers that begin later are not among them. */
export async function heapsOf(page: Page): Promise<Heaps> {
  const session = await page.context().newCDPSession(page);
  const workers = await workersOf(session);
  const browser = await (page.context().browser() as NonNullable<ReturnType<ReturnType<Page['context']>['browser']>>)
    .newBrowserCDPSession()
    .then(sharedWorkersOf);
  const isolates: Isolate[] = [
    { name: 'page', send: (method) => session.send(method as never) },
    ...workers,
    ...browser,
  ];
  for (const isolate of isolates) await isolate.send('HeapProfiler.enable');
  return {
    async used() {
      const used = new Map<string, number>();
      for (const isolate of isolates) {
        // Twice: what finalisers let go of is found by the second.
        await isolate.send('HeapProfiler.collectGarbage');
        await isolate.send('HeapProfiler.collectGarbage');
        const { usedSize } = (await isolate.send('Runtime.getHeapUsage')) as { usedSize: number };
        used.set(isolate.name, (used.get(isolate.name) ?? 0) + usedSize);
      }
      return used;
    },
  };
}

async function workersOf(session: CDPSession): Promise<Isolate[]> {
  const found: string[] = [];
  session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
    if (targetInfo.type === 'worker') found.push(sessionId);
  });
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  return found.map((sessionId) => isolateOf(session, sessionId, 'worker'));
}

async function sharedWorkersOf(browser: CDPSession): Promise<Isolate[]> {
  const { targetInfos } = await browser.send('Target.getTargets', { filter: [{ type: 'shared_worker' }] });
  const isolates: Isolate[] = [];
  for (const { targetId } of targetInfos) {
    const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: false });
    isolates.push(isolateOf(browser, sessionId, 'shared worker'));
  }
  return isolates;
}

function isolateOf(through: CDPSession, sessionId: string, name: string): Isolate {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let asked = 0;
  through.on('Target.receivedMessageFromTarget', (event) => {
    if (event.sessionId !== sessionId) return;
    const { id, result, error } = JSON.parse(event.message) as Reply;
    const asker = waiting.get(id);
    waiting.delete(id);
    if (error) asker?.reject(new Error(error.message));
    else asker?.resolve(result);
  });
  return {
    name,
    send: (method) =>
      new Promise((resolve, reject) => {
        asked += 1;
        waiting.set(asked, { resolve, reject });
        through
          .send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id: asked, method }) })
          .catch(reject);
      }),
  };
}
