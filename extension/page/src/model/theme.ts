// Light, dark or high contrast: the system's choice, VS Code's, or the reader's.

export const THEMES = ["auto", "light", "dark", "contrast"] as const;
export type Theme = (typeof THEMES)[number];

const KEPT = "tunesmith theme";

export function readTheme(): Theme {
  return THEMES.find((theme) => theme === localStorage.getItem(KEPT)) ?? "auto";
}

export function setTheme(theme: Theme): void {
  localStorage.setItem(KEPT, theme);
  document.documentElement.dataset.theme = theme;
}
