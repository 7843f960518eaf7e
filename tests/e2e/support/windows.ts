/** Sizes of the windows that pages are looked at in. */
import type { ViewportSize } from '@playwright/test';

export const DESK: ViewportSize = { width: 1600, height: 900 };
export const LAPTOP: ViewportSize = { width: 1024, height: 768 };
export const PHONE: ViewportSize = { width: 390, height: 844 };
