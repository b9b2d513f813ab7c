// Where readings of one image part: the places at which texts of one length differ. Texts of several lengths are not
// lined up, as nobody knows which character is missing; then no place is marked.
export function differingPlaces(texts) {
  const readings = texts.filter(Boolean).map((text) => [...text]);
  if (readings.length < 2 || readings.some(({ length }) => length !== readings[0].length)) return new Set();
  const places = readings[0].map((_, place) => place);
  return new Set(places.filter((place) => readings.some((reading) => reading[place] !== readings[0][place])));
}
