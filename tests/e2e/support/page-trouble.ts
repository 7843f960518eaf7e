/**
 * What goes wrong in a page without anybody seeing it: errors on the console, uncaught exceptions, unhandled rejections,
 * and requests that fail, which a worker's do in silence.
 */
import type { BrowserContext } from '@playwright/test';

interface Allowance {
  readonly pattern: RegExp;
  readonly why: string;
  used: boolean;
}

/** Chromium's own word on the console about a request that failed: the request itself is listened to. */
const FAILED_REQUEST = /^Failed to load resource: /;
/** A page that is left, or that no longer wants an answer. */
const GIVEN_UP = 'net::ERR_ABORTED';

export class PageTrouble {
  private readonly seen: string[] = [];
  private readonly allowances: Allowance[] = [];

  /** Listens to every page of the context and to their workers. */
  constructor(context: BrowserContext) {
    context.on('console', (message) => {
      if (message.type() !== 'error' || FAILED_REQUEST.test(message.text())) return;
      this.seen.push(`console error: ${message.text()} (${message.location().url})`);
    });
    // Chromium reports a rejection that nobody handles as an exception that nobody catches.
    context.on('weberror', (webError) => {
      const error = webError.error();
      this.seen.push(`uncaught: ${error.stack ?? error.message}`);
    });
    context.on('response', (response) => {
      if (response.status() >= 400) this.seen.push(`HTTP ${response.status()}: ${response.url()}`);
    });
    context.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText;
      if (reason !== GIVEN_UP) this.seen.push(`no answer, ${reason}: ${request.url()}`);
    });
  }

  /** Lets trouble pass that is what the test is about. `perhaps`: it depends on the moment whether it is seen. */
  allow(pattern: RegExp, why: string, when: 'surely' | 'perhaps' = 'surely'): void {
    this.allowances.push({ pattern, why, used: when === 'perhaps' });
  }

  /** What was not allowed, and what was allowed and never came: then the allowance hides something else one day. */
  report(): string[] {
    const unexpected = this.seen.filter((text) => {
      const allowances = this.allowances.filter(({ pattern }) => pattern.test(text));
      for (const allowance of allowances) allowance.used = true;
      return allowances.length === 0;
    });
    const unused = this.allowances.filter(({ used }) => !used);
    return [...unexpected, ...unused.map(({ pattern, why }) => `allowed, but never seen: ${pattern} (${why})`)];
  }
}
