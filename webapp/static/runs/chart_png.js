// A chart as a picture: its canvas under a title and a legend, on the page's own background.

const HEAD = 64;

// canvas: the drawn curves; series: [{ label, colour, width, dash }]. Returns a promise of a Blob.
export function chartPng(canvas, { title, series, ink, soft, background, font }) {
  const ratio = window.devicePixelRatio || 1;
  const picture = document.createElement("canvas");
  picture.width = canvas.width;
  picture.height = canvas.height + HEAD * ratio;
  const pen = picture.getContext("2d");
  pen.fillStyle = background;
  pen.fillRect(0, 0, picture.width, picture.height);
  pen.drawImage(canvas, 0, HEAD * ratio);
  pen.scale(ratio, ratio);
  pen.fillStyle = ink;
  pen.font = `600 16px ${font}`;
  pen.fillText(title, 16, 26);
  pen.font = `13px ${font}`;
  let left = 16;
  for (const { label, colour, width = 2.25, dash = [] } of series) {
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.setLineDash(dash);
    pen.beginPath();
    pen.moveTo(left, 46);
    pen.lineTo(left + 22, 46);
    pen.stroke();
    pen.fillStyle = soft;
    pen.fillText(label, left + 28, 50);
    left += 48 + pen.measureText(label).width;
  }
  return new Promise((resolve) => picture.toBlob(resolve, "image/png"));
}
