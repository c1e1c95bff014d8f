// A run as one HTML file that needs nothing else: what is on the page, without what only works while it lives.

/** The page's style sheet, put here by the build. */
declare const PAGE_STYLE: string;

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

export function renderReport(sheet: HTMLElement, title: string): Blob {
  const copy = sheet.cloneNode(true) as HTMLElement;
  for (const element of copy.querySelectorAll("[data-live]")) element.remove();
  for (const button of copy.querySelectorAll("button")) button.replaceWith(...button.childNodes);
  for (const element of copy.querySelectorAll("[tabindex]")) element.removeAttribute("tabindex");
  const report = document.implementation.createHTMLDocument(title);
  const policy = report.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = POLICY;
  const encoding = report.createElement("meta");
  encoding.setAttribute("charset", "utf-8");
  const style = report.createElement("style");
  style.textContent = PAGE_STYLE;
  report.head.prepend(encoding, policy);
  report.head.append(style);
  report.documentElement.lang = "en";
  report.documentElement.dataset.theme = document.documentElement.dataset.theme ?? "auto";
  const main = report.createElement("main");
  main.append(report.importNode(copy, true));
  report.body.append(main);
  return new Blob(["<!doctype html>\n", report.documentElement.outerHTML], { type: "text/html" });
}
