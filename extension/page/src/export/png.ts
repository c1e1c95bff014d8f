// A picture as a PNG: the drawing with its computed look written into it, for it loses the page's style sheets.

const LOOK = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "stroke-linecap", "opacity",
  "font-family", "font-size", "font-weight", "text-anchor", "dominant-baseline", "visibility",
];
const SHARPNESS = 2;

export async function renderPng(svg: SVGSVGElement): Promise<Blob> {
  const { width, height } = svg.viewBox.baseVal;
  const source = new Blob([new XMLSerializer().serializeToString(standAlone(svg))], { type: "image/svg+xml" });
  const address = URL.createObjectURL(source);
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = width * SHARPNESS;
    canvas.height = height * SHARPNESS;
    const context = canvas.getContext("2d");
    if (!context) throw new Error("this browser cannot draw");
    context.fillStyle = getComputedStyle(svg).getPropertyValue("--surface") || "white";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) =>
      canvas.toBlob((png) => (png ? resolve(png) : reject(new Error("the picture is too large"))), "image/png"),
    );
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** A copy that needs no style sheet, without what only answers to a pointer. */
export function standAlone(svg: SVGSVGElement): SVGSVGElement {
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
