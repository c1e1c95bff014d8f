// A picture as a PNG: the drawing with its computed look written into it, for it loses the page's style sheets, under
// its title and over its legend.

const LOOK = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-opacity",
  "stroke-linecap",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
  "dominant-baseline",
  "visibility",
];
const SHARPNESS = 2;
const EDGE = 20;
const TITLE = 36;
const LINE = 22;

/** `legend`: a list whose items begin with their swatch. */
export async function renderPng(svg: SVGSVGElement, title: string, legend: HTMLElement | null): Promise<Blob> {
  const { width, height } = svg.viewBox.baseVal;
  const keys = [...(legend?.children ?? [])];
  const image = await draw(svg);
  const canvas = document.createElement("canvas");
  canvas.width = SHARPNESS * (width + 2 * EDGE);
  canvas.height = SHARPNESS * (height + 2 * EDGE + TITLE + keys.length * LINE);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser cannot draw");
  const color = (name: string) => getComputedStyle(svg).getPropertyValue(name).trim();
  context.scale(SHARPNESS, SHARPNESS);
  context.fillStyle = color("--surface") || "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = color("--ink") || "black";
  context.font = `600 16px ${color("--sans") || "sans-serif"}`;
  context.textBaseline = "top";
  context.fillText(title, EDGE, EDGE);
  context.drawImage(image, EDGE, EDGE + TITLE, width, height);
  context.font = `12px ${color("--sans") || "sans-serif"}`;
  keys.forEach((key, place) => {
    const top = EDGE + TITLE + height + place * LINE + 8;
    const swatch = key.firstElementChild;
    const look = swatch && getComputedStyle(swatch);
    context.fillStyle = look?.borderTopStyle === "none" ? look.backgroundColor : (look?.borderTopColor ?? "gray");
    context.fillRect(EDGE, top + 3, 14, look?.borderTopStyle === "none" ? 8 : 3);
    context.fillStyle = color("--muted") || "gray";
    context.fillText(key.textContent ?? "", EDGE + 22, top);
  });
  return new Promise((resolve, reject) =>
    canvas.toBlob((png) => (png ? resolve(png) : reject(new Error("the picture is too large"))), "image/png"),
  );
}

async function draw(svg: SVGSVGElement): Promise<HTMLImageElement> {
  const source = new Blob([new XMLSerializer().serializeToString(standAlone(svg))], { type: "image/svg+xml" });
  const address = URL.createObjectURL(source);
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    return image;
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** A copy that needs no style sheet, without what only answers to a pointer. */
function standAlone(svg: SVGSVGElement): SVGSVGElement {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const copies = copy.querySelectorAll("*");
  svg.querySelectorAll("*").forEach((element, place) => {
    const computed = getComputedStyle(element);
    for (const property of LOOK) copies[place]?.setAttribute(property, computed.getPropertyValue(property));
  });
  for (const one of copy.querySelectorAll("[data-live]")) one.remove();
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return copy;
}
