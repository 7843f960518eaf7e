/** Our own web server as a test sees it: how many listen to it, and how it fails when its database does. */
import type { Instance } from '../../support/instance.ts';

export class Server {
  constructor(private readonly instance: Instance) {}

  /** Takes away a table that lists, history and pages read and nobody else needs: they fail, and recording goes on. */
  async breakDown(): Promise<void> {
    await this.instance.sql('ALTER TABLE gehra.feeds RENAME TO feeds_away');
  }

  /** Puts the table back, if it was taken away, and forgets what people were told of an earlier test. */
  async mend(): Promise<void> {
    await this.instance.sql('ALTER TABLE IF EXISTS gehra.feeds_away RENAME TO feeds');
    await this.instance.sql('DELETE FROM gehra.notices');
  }

  /** Live streams that are open. */
  async streams(): Promise<number> {
    const response = await fetch(`${this.instance.appUrl}/api/health/ready`);
    return ((await response.json()) as { streamClients: number }).streamClients;
  }

  /** Kills the web process; the supervisor starts another. */
  kill(): void {
    const pid = this.pid;
    if (pid === undefined) throw new Error('no web process runs');
    process.kill(pid, 'SIGKILL');
  }

  get pid(): number | undefined {
    return this.instance.pid('web');
  }
}
