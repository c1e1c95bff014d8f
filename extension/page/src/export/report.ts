// A run as one HTML file that needs nothing else: what is on the page, without what only works while it lives.

/** The page's style sheet, put here by the build. */
declare const PAGE_STYLE: string;

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

export function renderReport(sheet: HTMLElement, title: string): Blob {
  const copy = sheet.cloneNode(true) as HTMLElement;
  for (const element of copy.querySelectorAll("[data-live]")) element.remove();
  for (const button of copy.querySelectorAll("button")) button.replaceWith(...button.childNodes);
  for (const element of copy.querySelectorAll("[tabindex]")) element.removeAttribute("tabindex");
  const main = document.createElement("main");
  main.append(copy);
  const heading = document.createElement("title");
  heading.textContent = title;
  const theme = document.documentElement.dataset.theme ?? "auto";
  // Put together as text: this page's own policy would take the style out of an element.
  const head = `<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}">`;
  const page = `${head}${heading.outerHTML}<style>${PAGE_STYLE}</style></head><body>${main.outerHTML}</body></html>`;
  return new Blob([`<!doctype html>\n<html lang="en" data-theme="${theme}"><head>${page}`], { type: "text/html" });
}
