//! Coastlines and boundaries of the world, read from `assets/natural-earth/world-50m.bin` (its README gives the layout).

use std::sync::LazyLock;

/// Longitude and latitude in degrees. Longitudes run on past 180 or -180 where a ring crosses that meridian.
pub(super) type LonLat = (f64, f64);

/// All countries and the lines between them.
#[derive(Debug, Default)]
pub(super) struct Coastlines {
    pub countries: Vec<Country>,
    /// Lines between land and sea.
    pub coasts: Vec<Vec<LonLat>>,
    /// Lines between two countries; `false` where one of the two is not settled.
    pub boundaries: Vec<(Vec<LonLat>, bool)>,
}

/// One country.
#[derive(Debug)]
pub(super) struct Country {
    /// ISO 3166-1 alpha-3, or `---`.
    pub code: String,
    /// English short name; empty where none is to be written.
    pub name: String,
    /// Polygons of rings; the first ring of each is the outer one, others are holes.
    pub polygons: Vec<Vec<Vec<LonLat>>>,
}

/// The coastlines of the world, read at first use.
pub(super) fn coastlines() -> &'static Coastlines {
    static COASTLINES: LazyLock<Coastlines> =
        LazyLock::new(|| read(include_bytes!("../../assets/natural-earth/world-50m.bin")).unwrap_or_default());
    &COASTLINES
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    fn float(&mut self) -> Option<f64> {
        Some(f64::from_le_bytes(self.bytes(8)?.try_into().ok()?))
    }

    fn whole(&mut self) -> Option<usize> {
        let mut value = 0usize;
        for shift in (0..32).step_by(7) {
            let byte = self.bytes(1)?[0];
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let value = self.whole()? as i64;
        Some((value >> 1) ^ -(value & 1))
    }

    /// As many items as a number in front of them says.
    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.whole()?;
        (0..count).map(|_| item(self)).collect()
    }

    fn text(&mut self, count: usize) -> Option<String> {
        String::from_utf8(self.bytes(count)?.to_vec()).ok()
    }
}

fn read(bytes: &[u8]) -> Option<Coastlines> {
    let mut reader = Reader(bytes);
    if reader.bytes(8)? != b"COASTS1\n" {
        return None;
    }
    let step = (reader.float()?, reader.float()?);
    let origin = (reader.float()?, reader.float()?);
    let arcs = reader.list(|r| {
        let mut at = (0i64, 0i64);
        r.list(|r| {
            at = (at.0 + r.signed()?, at.1 + r.signed()?);
            Some((origin.0 + at.0 as f64 * step.0, origin.1 + at.1 as f64 * step.1))
        })
    })?;
    let mut uses = vec![(0, true); arcs.len()];
    let countries = reader.list(|r| {
        let settled = r.bytes(1)?[0] == 1;
        let code = r.text(3)?;
        let length = r.whole()?;
        let name = r.text(length)?;
        let polygons = r.list(|r| {
            r.list(|r| {
                let mut ring: Vec<LonLat> = Vec::new();
                for number in r.list(Reader::signed)? {
                    let index = usize::try_from(if number < 0 { -number - 1 } else { number }).ok()?;
                    let arc = arcs.get(index)?;
                    uses[index] = (uses[index].0 + 1, uses[index].1 && settled);
                    ring.pop();
                    if number < 0 {
                        ring.extend(arc.iter().rev());
                    } else {
                        ring.extend(arc);
                    }
                }
                Some(closed_over_pole(unwrapped(ring)))
            })
        })?;
        Some(Country { code, name, polygons })
    })?;
    let mut shapes = Coastlines { countries, ..Coastlines::default() };
    for (arc, (count, settled)) in arcs.into_iter().zip(uses) {
        let arc = unwrapped(arc);
        match count {
            0 => {}
            1 => shapes.coasts.push(arc),
            _ => shapes.boundaries.push((arc, settled)),
        }
    }
    Some(shapes)
}

/// `line` without jumps from one side of the 180th meridian to the other.
fn unwrapped(mut line: Vec<LonLat>) -> Vec<LonLat> {
    let mut turn = 0.0;
    let mut before: Option<f64> = None;
    for point in &mut line {
        if let Some(before) = before {
            let jump = point.0 - before;
            turn -= 360.0 * (jump / 360.0).round();
        }
        before = Some(point.0);
        point.0 += turn;
    }
    line
}

/// A ring around a pole (Antarctica) ends 360 degrees from where it began; it is closed along the pole.
fn closed_over_pole(mut ring: Vec<LonLat>) -> Vec<LonLat> {
    if let (Some(first), Some(last)) = (ring.first().copied(), ring.last().copied())
        && (first.0 - last.0).abs() > 180.0
    {
        let pole = if first.1 < 0.0 { -90.0 } else { 90.0 };
        ring.extend([(last.0, pole), (first.0, pole), first]);
    }
    ring
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(country: &Country, (x, y): LonLat) -> bool {
        let crossings = country.polygons.iter().flatten().flat_map(|ring| ring.windows(2)).filter(|w| {
            let (a, b) = (w[0], w[1]);
            (a.1 > y) != (b.1 > y) && x < a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0)
        });
        crossings.count() % 2 == 1
    }

    #[test]
    fn places_lie_in_their_countries() {
        let shapes = coastlines();
        assert_eq!(shapes.countries.len(), 241);
        let country = |code: &str| shapes.countries.iter().find(|c| c.code == code).unwrap();
        let places = [
            ("LBY", "Libya", (14.428, 27.037)),
            ("TUN", "Tunisia", (10.452, 32.929)),
            ("LSO", "Lesotho", (28.2, -29.6)),
            ("RUS", "Russia", (172.0, 67.0)),
            ("ATA", "Antarctica", (0.0, -85.0)),
        ];
        for (code, name, place) in places {
            assert_eq!(country(code).name, name);
            for other in &shapes.countries {
                let found = [-360.0, 0.0, 360.0].into_iter().any(|turn| inside(other, (place.0 + turn, place.1)));
                assert_eq!(found, other.code == code, "{place:?} in {}", other.name);
            }
        }
    }

    #[test]
    fn no_line_jumps_across_the_map() {
        let shapes = coastlines();
        let rings = shapes.countries.iter().flat_map(|c| &c.polygons).flatten();
        let lines = rings.chain(&shapes.coasts).chain(shapes.boundaries.iter().map(|b| &b.0));
        let jumps = lines.flat_map(|l| l.windows(2)).filter(|w| (w[0].0 - w[1].0).abs() > 180.0 && w[0].1 > -89.9);
        assert_eq!(jumps.count(), 0);
        assert!(shapes.boundaries.len() > 300);
    }

    #[test]
    fn damaged_data_is_no_world() {
        let whole = include_bytes!("../../assets/natural-earth/world-50m.bin");
        for length in [0, 7, 8, 39, 1000, whole.len() - 1] {
            assert!(read(&whole[..length]).is_none());
        }
        assert!(read(whole).is_some());
    }
}
