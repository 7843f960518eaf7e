/**
 * Which theme a person has chosen, and which one shows: `data-theme` of the document, by which app/globals.css picks its colours.
 * Kept beside the preferences, since it is needed before anything is drawn (THEME_SCRIPT).
 */

export const THEME_CHOICES = ['system', 'dark', 'light'] as const;
export type ThemeChoice = (typeof THEME_CHOICES)[number];

const KEY = 'gehra.theme';
const LIGHT = '(prefers-color-scheme: light)';

/** For the head of every page: without it a light page would be dark for a moment. */
export const THEME_SCRIPT = `(function(){var t=null;try{t=localStorage.getItem('${KEY}')}catch(e){}
if(t!=='dark'&&t!=='light')t=matchMedia('${LIGHT}').matches?'light':'dark';document.documentElement.dataset.theme=t})()`;

let listening = false;
const listeners = new Set<() => void>();

/** The system's, where nothing was chosen. */
export function themeChoice(): ThemeChoice {
  try {
    const kept = localStorage.getItem(KEY);
    return THEME_CHOICES.find((choice) => choice === kept) ?? 'system';
  } catch (error) {
    console.warn('theme_unreadable', error);
    return 'system';
  }
}

export function chooseTheme(choice: ThemeChoice): void {
  try {
    localStorage.setItem(KEY, choice);
  } catch (error) {
    // Storage may be full or forbidden; the choice still holds until the page is left.
    console.warn('theme_not_kept', error);
  }
  show(choice);
}

/** Calls when another theme is chosen, here or in another tab, or the system changes its own; returns what ends it. */
export function onThemeChange(listener: () => void): () => void {
  if (!listening) {
    listening = true;
    matchMedia(LIGHT).addEventListener('change', () => show(themeChoice()));
    window.addEventListener('storage', ({ key }) => {
      if (key === KEY) show(themeChoice());
    });
    // It may have changed between the page's first paint and now.
    show(themeChoice());
  }
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The one that shows, whatever was chosen. */
export const shownTheme = (): 'dark' | 'light' =>
  document.documentElement.dataset.theme === 'light' ? 'light' : 'dark';

function show(choice: ThemeChoice): void {
  const system = matchMedia(LIGHT).matches ? 'light' : 'dark';
  document.documentElement.dataset.theme = choice === 'system' ? system : choice;
  for (const listener of listeners) listener();
}
