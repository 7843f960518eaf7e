/** The page Connections, and the brokers' pages that it leads to, as a person sees and uses them. */
import type { Locator, Page } from '@playwright/test';

export type BrokerName = 'Kite' | 'Dhan';

export class ConnectionsView {
  constructor(private readonly page: Page) {}

  async open(): Promise<void> {
    await this.page.goto('/connections');
  }

  card(broker: BrokerName): Locator {
    return this.page.getByRole('region', { name: broker, exact: true });
  }

  /** What a failed login came to. */
  get failure(): Locator {
    return this.page.locator('main').getByRole('alert');
  }

  /** What a login came to that went well. */
  connected(broker: BrokerName): Locator {
    return this.page.getByText(`${broker} is connected.`, { exact: true });
  }

  async connect(broker: BrokerName): Promise<void> {
    await this.card(broker)
      .getByRole('link', { name: /^Connect/ })
      .click();
  }

  /** Answers on the broker's own page. */
  async answer(button: 'Log in as demo user' | 'Deny'): Promise<void> {
    await this.page.getByRole('button', { name: button }).click();
  }
}
