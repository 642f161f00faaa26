//! A map of flows: places as circles, links as arrows, on the coastlines and boundaries of the region.

use super::coastlines::{Coastlines, coastlines};
use super::picture::{
    Align, Captions, Color, GREY, HEIGHT, INK, MARGIN, PALETTE, Picture, Type, WHITE, WIDTH, faint, fit, rgb,
    text_width, wrap,
};
use super::ticks::{grouped, short};
use std::collections::BTreeMap;
use std::f64::consts::PI;

/// A map of places and of the people who waited there and went between them.
#[derive(Debug, Clone, Default)]
pub struct FlowMap {
    /// What is shown, in one sentence.
    pub title: String,
    /// Where, when, for whom.
    pub subtitle: String,
    /// Line at the foot: scenario, strategy, seed, number of runs.
    pub note: String,
    /// What the size of a circle means, with its unit, e.g. `Stranded on 15 March (persons)`.
    pub place_title: String,
    /// What the width of an arrow means, with its unit.
    pub link_title: String,
    /// The places.
    pub places: Vec<MapPlace>,
    /// The links.
    pub links: Vec<MapLink>,
    /// ISO 3166-1 alpha-3 codes of countries drawn lighter than the others.
    pub highlight: Vec<String>,
    /// Words that the chart itself puts on the sheet.
    pub captions: Captions,
}

/// A place of a [`FlowMap`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MapPlace {
    /// Name on the map.
    pub name: String,
    /// Degrees north, WGS84.
    pub lat: f64,
    /// Degrees east, WGS84.
    pub lon: f64,
    /// Size of its circle; 0 or what is not finite: a dot.
    pub amount: f64,
    /// Whether it lies beyond the map: the frame is not widened for it, and links to it are short arrows in its direction.
    pub beyond: bool,
}

/// How people go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum MapMode {
    /// By road or on foot.
    #[default]
    Land,
    /// By sea.
    Sea,
    /// By air.
    Air,
}

/// A link of a [`FlowMap`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MapLink {
    /// Index into [`FlowMap::places`].
    pub from: usize,
    /// Index into [`FlowMap::places`].
    pub to: usize,
    /// Width of its arrow; 0 or what is not finite: not drawn.
    pub amount: f64,
    /// How people go.
    pub mode: MapMode,
}

type Xy = (f64, f64);

const SEA: Color = rgb(0xdbe7ef);
const LAND: Color = rgb(0xeeebe3);
const LAND_HIGHLIGHTED: Color = rgb(0xfffdf3);
const COAST: Color = rgb(0x8b9aa5);
const BOUNDARY: Color = rgb(0x9c9489);
const CIRCLE: Color = rgb(0xd55e00);
const CIRCLE_EDGE: Color = rgb(0x7a3600);

/// Width of the legend beside the map, in pixels.
const LEGEND: f64 = 218.0;
/// Radius of the largest circle, width of the widest arrow, in pixels.
const LARGEST: f64 = 22.0;
const WIDEST: f64 = 9.0;
/// Length of an arrow that leads out of the map, in pixels.
const OUTWARDS: f64 = 62.0;
/// At most so many places are named.
const NAMED: usize = 18;

impl MapMode {
    const ALL: [MapMode; 3] = [MapMode::Land, MapMode::Sea, MapMode::Air];

    fn look(self) -> (Color, &'static [f64]) {
        match self {
            MapMode::Land => (PALETTE[0], &[]),
            MapMode::Sea => (PALETTE[2], &[12.0, 4.0]),
            MapMode::Air => (rgb(0x8f3f73), &[4.0, 3.5]),
        }
    }
}

/// A rectangle of the sheet, in pixels.
#[derive(Debug, Clone, Copy)]
struct Rect {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Rect {
    fn holds(&self, (x, y): Xy) -> bool {
        self.left <= x && x <= self.right && self.top <= y && y <= self.bottom
    }
    fn overlaps(&self, other: &Rect) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }
    fn around((x, y): Xy, radius: f64) -> Rect {
        Rect { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius }
    }
}

/// Mercator's projection, fitted to a frame: straight lines of constant direction, true shapes in the small.
struct Projection {
    frame: Rect,
    /// Longitude (degrees) and Mercator height (degrees at the equator) of the middle of the frame.
    middle: Xy,
    /// Pixels per degree at the equator.
    scale: f64,
}

fn mercator(lat: f64) -> f64 {
    let lat = lat.clamp(-84.0, 84.0) * PI / 180.0;
    libm::log(libm::tan(PI / 4.0 + lat / 2.0)) * 180.0 / PI
}

impl Projection {
    /// The projection that shows all `points` (longitude, latitude) with a margin; `None` without points.
    fn fitted(points: &[Xy], frame: Rect) -> Option<Projection> {
        let mut lons: Vec<f64> = points.iter().map(|p| p.0.rem_euclid(360.0)).collect();
        lons.sort_by(f64::total_cmp);
        // The map begins after the widest gap between neighbouring longitudes, so that it may cross the 180th meridian.
        let next = |k: usize| if k + 1 < lons.len() { lons[k + 1] } else { lons[0] + 360.0 };
        let gap = (0..lons.len()).max_by(|a, b| (next(*a) - lons[*a]).total_cmp(&(next(*b) - lons[*b])))?;
        let (west, east) = (next(gap), lons[gap] + 360.0);
        let (west, east) = if west > east { (west - 360.0, east) } else { (west, east) };
        let heights = points.iter().map(|p| mercator(p.1));
        let (south, north) = heights.fold((f64::INFINITY, f64::NEG_INFINITY), |(s, n), h| (s.min(h), n.max(h)));
        let (wide, tall) = ((east - west).max(0.8), (north - south).max(0.6));
        let (across, down) = (frame.right - frame.left, frame.bottom - frame.top);
        let scale = (across * 0.84 / wide).min(down * 0.82 / tall).max(across / 360.0);
        let middle = ((west + east) / 2.0, (south + north) / 2.0);
        let middle = ((middle.0 + 180.0).rem_euclid(360.0) - 180.0, middle.1);
        Some(Projection { frame, middle, scale })
    }

    /// Pixels of a point whose longitude is taken as it is.
    fn at(&self, (lon, lat): Xy) -> Xy {
        let (x, y) = ((self.frame.left + self.frame.right) / 2.0, (self.frame.top + self.frame.bottom) / 2.0);
        (x + (lon - self.middle.0) * self.scale, y - (mercator(lat) - self.middle.1) * self.scale)
    }

    /// Pixels of a place, on the side of the map that is nearer.
    fn place(&self, lat: f64, lon: f64) -> Xy {
        let away = (lon - self.middle.0 + 180.0).rem_euclid(360.0) - 180.0;
        self.at((self.middle.0 + away, lat))
    }
}

/// Tip and direction (of length 1) of an arrow that leads out of the map.
type End = (Xy, Xy);

/// An arrow before it is drawn.
struct Arrow {
    points: Vec<Xy>,
    amount: f64,
    mode: MapMode,
}

/// Draws a [`FlowMap`]. Places without valid coordinates are left out; without any place within the map, the sheet says so.
pub fn flow_map(map: &FlowMap) -> Picture {
    let (mut picture, (top, bottom)) = Picture::sheet(&map.title, &map.subtitle, &map.note, HEIGHT, &map.captions);
    let frame = Rect { left: MARGIN, top: top + 10.0, right: WIDTH - MARGIN - LEGEND, bottom };
    let valid = |p: &MapPlace| p.lat.is_finite() && p.lon.is_finite() && p.lat.abs() <= 90.0 && p.lon.abs() <= 180.0;
    let points: Vec<Xy> = map.places.iter().filter(|p| valid(p) && !p.beyond).map(|p| (p.lon, p.lat)).collect();
    let Some(projection) = Projection::fitted(&points, frame) else {
        let middle = (WIDTH / 2.0, (top + bottom) / 2.0);
        picture.text(&map.captions.no_data, middle, Type::new(18.0, GREY).align(Align::Middle));
        return picture;
    };
    let land = draw_land(&mut picture, &projection, &map.highlight);

    let largest = largest(map.places.iter().filter(|p| !p.beyond).map(|p| p.amount));
    let radius = |p: &MapPlace| match p.amount {
        a if a.is_finite() && a > 0.0 && !p.beyond => (LARGEST * (a / largest).sqrt()).max(3.0),
        _ => 2.0,
    };
    let spots: Vec<Option<(Xy, f64)>> =
        map.places.iter().map(|p| valid(p).then(|| (projection.place(p.lat, p.lon), radius(p)))).collect();

    let (arrows, ends) = arrows(map, &spots, frame);
    let widest = self::largest(arrows.iter().map(|a| a.amount));
    let mut taken = Taken { names: Vec::new(), arrows: Vec::new() };

    // Large circles first, so that small ones stay visible.
    let mut shown: Vec<usize> =
        (0..map.places.len()).filter(|k| !map.places[*k].beyond && spots[*k].is_some()).collect();
    let order = |k: &usize| spots[*k].map_or(0.0, |s| s.1);
    shown.sort_by(|a, b| order(b).total_cmp(&order(a)).then(a.cmp(b)));
    for k in &shown {
        let Some((center, radius)) = spots[*k] else { continue };
        if radius > 2.0 {
            picture.disc(center, radius + 1.0, WHITE);
            picture.disc(center, radius, CIRCLE_EDGE);
            picture.disc(center, radius - 1.2, CIRCLE);
        } else {
            picture.disc(center, 2.6, WHITE);
            picture.disc(center, 2.0, INK);
        }
        taken.names.push(Rect::around(center, radius * 0.8));
    }
    for arrow in &arrows {
        let width = width(arrow.amount, widest);
        draw_arrow(&mut picture, arrow, width, frame);
        for pair in arrow.points.windows(2) {
            // Points close enough that no name slips between them.
            let parts = ((pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1) / 8.0).ceil().max(1.0);
            let at = |k: f64| {
                let mix = |a: f64, b: f64| a + (b - a) * k / parts;
                (mix(pair[0].0, pair[1].0), mix(pair[0].1, pair[1].1))
            };
            taken.arrows.extend((0..=parts as usize).map(|k| Rect::around(at(k as f64), width / 2.0 + 1.0)));
        }
    }

    // The most important places are named first: by what is there and by what passes.
    let mut weight: Vec<f64> =
        map.places.iter().map(|p| if p.amount.is_finite() { p.amount.max(0.0) / largest } else { 0.0 }).collect();
    for link in map.links.iter().filter(|l| l.amount.is_finite() && l.amount > 0.0) {
        for end in [link.from, link.to] {
            if let Some(weight) = weight.get_mut(end) {
                *weight += 0.5 * link.amount / widest;
            }
        }
    }
    shown.sort_by(|a, b| weight[*b].total_cmp(&weight[*a]).then(a.cmp(b)));
    for k in shown.iter().take(NAMED) {
        let place = &map.places[*k];
        let Some((center, radius)) = spots[*k] else { continue };
        let amount = if radius > 2.0 { format!("{}  {}", place.name, short(place.amount)) } else { place.name.clone() };
        name_place(&mut picture, &amount, center, radius, frame, &mut taken);
    }
    for (end, text) in ends {
        name_end(&mut picture, &text, end, frame, &mut taken);
    }
    let mut blocked = [taken.names, taken.arrows].concat();
    name_countries(&mut picture, &land, frame, &mut blocked);
    scale_bar(&mut picture, &projection, &blocked);
    for side in [
        [(frame.left, frame.top), (frame.right, frame.top)],
        [(frame.right, frame.top), (frame.right, frame.bottom)],
        [(frame.right, frame.bottom), (frame.left, frame.bottom)],
        [(frame.left, frame.bottom), (frame.left, frame.top)],
    ] {
        picture.line(&side, 1.0, GREY);
    }
    legend(&mut picture, map, &arrows, (largest, widest), frame);
    picture
}

fn largest(amounts: impl Iterator<Item = f64>) -> f64 {
    let largest = amounts.filter(|a| a.is_finite()).fold(0.0, f64::max);
    if largest > 0.0 { largest } else { 1.0 }
}

fn width(amount: f64, widest: f64) -> f64 {
    (WIDEST * amount / widest).max(1.25)
}

/// Draws sea, land and lines; returns the visible polygons of each named country.
fn draw_land<'a>(picture: &mut Picture, projection: &Projection, highlight: &[String]) -> Vec<(&'a str, Vec<Vec<Xy>>)> {
    let frame = projection.frame;
    let shapes: &'static Coastlines = coastlines();
    picture.rectangle((frame.left, frame.top), (frame.right, frame.bottom), SEA);
    // Each ring with its colour, larger ones first: islands lie over the holes around them.
    let mut rings: Vec<(f64, Vec<Xy>, Color)> = Vec::new();
    let mut named: Vec<(&str, Vec<Vec<Xy>>)> = Vec::new();
    for country in &shapes.countries {
        let color = if highlight.contains(&country.code) { LAND_HIGHLIGHTED } else { LAND };
        let mut visible = Vec::new();
        for (k, ring) in country.polygons.iter().flat_map(|p| p.iter().enumerate()) {
            for turned in turns(ring, projection) {
                let polygon = clip_polygon(&turned, frame);
                if polygon.len() > 2 {
                    if k == 0 {
                        visible.push(polygon.clone());
                    }
                    rings.push((extent(&turned), polygon, if k == 0 { color } else { SEA }));
                }
            }
        }
        if !country.name.is_empty() && !visible.is_empty() {
            named.push((&country.name, visible));
        }
    }
    rings.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (_, ring, color) in &rings {
        picture.area(ring, *color);
    }
    for coast in &shapes.coasts {
        for line in turns(coast, projection).iter().flat_map(|l| clip_line(l, frame)) {
            picture.line(&line, 0.9, COAST);
        }
    }
    for (boundary, settled) in &shapes.boundaries {
        for line in turns(boundary, projection).iter().flat_map(|l| clip_line(l, frame)) {
            picture.dashed(&line, if *settled { &[] } else { &[5.0, 4.0] }, 1.1, BOUNDARY);
        }
    }
    named
}

/// `line` in pixels as often as it may be seen: as it is and a turn of the globe to either side; points less than half a
/// pixel from the one before are dropped.
fn turns(line: &[Xy], projection: &Projection) -> Vec<Vec<Xy>> {
    let frame = projection.frame;
    let (west, east) = line.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(w, e), p| (w.min(p.0), e.max(p.0)));
    let (south, north) = line.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(s, n), p| (s.min(p.1), n.max(p.1)));
    let seen = |turn: f64| {
        let (a, b) = (projection.at((west + turn, north)), projection.at((east + turn, south)));
        a.0 < frame.right && b.0 > frame.left && a.1 < frame.bottom && b.1 > frame.top
    };
    let turned = |turn: f64| {
        let mut points: Vec<Xy> = Vec::new();
        for (k, (lon, lat)) in line.iter().enumerate() {
            let point = projection.at((lon + turn, *lat));
            let near = points.last().is_some_and(|p| (p.0 - point.0).abs() + (p.1 - point.1).abs() < 0.6);
            if !near || k + 1 == line.len() {
                points.push(point);
            }
        }
        points
    };
    [-360.0, 0.0, 360.0].into_iter().filter(|t| seen(*t)).map(turned).collect()
}

/// Area of the rectangle around `ring`.
fn extent(ring: &[Xy]) -> f64 {
    let (mut low, mut high) = ((f64::INFINITY, f64::INFINITY), (f64::NEG_INFINITY, f64::NEG_INFINITY));
    for (x, y) in ring {
        low = (low.0.min(*x), low.1.min(*y));
        high = (high.0.max(*x), high.1.max(*y));
    }
    (high.0 - low.0) * (high.1 - low.1)
}

/// The part of a polygon within `frame`, by the method of Sutherland and Hodgman (1974): one side of the frame after another.
fn clip_polygon(polygon: &[Xy], frame: Rect) -> Vec<Xy> {
    let cross_x = |a: Xy, b: Xy, x: f64| (x, a.1 + (x - a.0) / (b.0 - a.0) * (b.1 - a.1));
    let cross_y = |a: Xy, b: Xy, y: f64| (a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0), y);
    let polygon = clip_side(polygon, |p| p.0 >= frame.left, |a, b| cross_x(a, b, frame.left));
    let polygon = clip_side(&polygon, |p| p.0 <= frame.right, |a, b| cross_x(a, b, frame.right));
    let polygon = clip_side(&polygon, |p| p.1 >= frame.top, |a, b| cross_y(a, b, frame.top));
    clip_side(&polygon, |p| p.1 <= frame.bottom, |a, b| cross_y(a, b, frame.bottom))
}

fn clip_side(polygon: &[Xy], within: impl Fn(Xy) -> bool, crossing: impl Fn(Xy, Xy) -> Xy) -> Vec<Xy> {
    let mut clipped = Vec::with_capacity(polygon.len());
    let Some(mut before) = polygon.last().copied() else { return clipped };
    for point in polygon.iter().copied() {
        if within(point) != within(before) {
            clipped.push(crossing(before, point));
        }
        if within(point) {
            clipped.push(point);
        }
        before = point;
    }
    clipped
}

/// The parts of a line within `frame`: each segment by the method of Liang and Barsky (1984), joined again.
fn clip_line(line: &[Xy], frame: Rect) -> Vec<Vec<Xy>> {
    let mut parts: Vec<Vec<Xy>> = Vec::new();
    for pair in line.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let (mut enter, mut leave) = (0f64, 1f64);
        for (run, room) in
            [(-dx, a.0 - frame.left), (dx, frame.right - a.0), (-dy, a.1 - frame.top), (dy, frame.bottom - a.1)]
        {
            if run == 0.0 {
                if room < 0.0 {
                    leave = -1.0;
                }
            } else if run < 0.0 {
                enter = enter.max(room / run);
            } else {
                leave = leave.min(room / run);
            }
        }
        if enter > leave {
            continue;
        }
        let at = |t: f64| (a.0 + t * dx, a.1 + t * dy);
        match parts.last_mut() {
            Some(part) if enter == 0.0 && part.last() == Some(&a) => part.push(at(leave)),
            _ => parts.push(vec![at(enter), at(leave)]),
        }
    }
    parts
}

/// All arrows, widest first, and the ends of those that lead out of the map with what to write there.
fn arrows(map: &FlowMap, spots: &[Option<(Xy, f64)>], frame: Rect) -> (Vec<Arrow>, Vec<(End, String)>) {
    let mut arrows = Vec::new();
    // Links out of the map are joined by place, mode, direction (one of twelve) and whether they lead in or out.
    type Bundle = (usize, MapMode, i32, bool);
    let mut outward: BTreeMap<Bundle, Vec<(f64, usize, Xy)>> = BTreeMap::new();
    for link in map.links.iter().filter(|l| l.amount.is_finite() && l.amount > 0.0 && l.from != l.to) {
        let (Some(Some((a, from_radius))), Some(Some((b, to_radius)))) = (spots.get(link.from), spots.get(link.to))
        else {
            continue;
        };
        let beyond = |k: usize, spot: Xy| map.places[k].beyond || !frame.holds(spot);
        match (beyond(link.from, *a), beyond(link.to, *b)) {
            (true, true) => {}
            (false, false) => {
                let points = trimmed(&curve(*a, *b), from_radius + 1.0, to_radius + 2.0);
                arrows.push(Arrow { points, amount: link.amount, mode: link.mode });
            }
            (out, _) => {
                let (here, there, other) = if out { (link.to, link.from, *a) } else { (link.from, link.to, *b) };
                let Some((spot, _)) = spots[here] else { continue };
                let sector = ((other.1 - spot.1).atan2(other.0 - spot.0) / (PI / 6.0)).round() as i32;
                outward.entry((here, link.mode, sector.rem_euclid(12), out)).or_default().push((
                    link.amount,
                    there,
                    other,
                ));
            }
        }
    }
    let mut ends = Vec::new();
    for ((here, mode, _, inward), mut parts) in outward {
        let Some((spot, radius)) = spots[here] else { continue };
        parts.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let amount: f64 = parts.iter().map(|p| p.0).sum();
        let mean = |of: fn(&Xy) -> f64| parts.iter().map(|p| of(&p.2) * p.0).sum::<f64>() / amount;
        let (dx, dy) = (mean(|p| p.0) - spot.0, mean(|p| p.1) - spot.1);
        let length = dx.hypot(dy).max(1.0);
        let (ux, uy) = (dx / length, dy / length);
        // Turned a little where the straight way would end in another circle.
        let turned = |degrees: f64| {
            let (sin, cos) = (libm::sin(degrees * PI / 180.0), libm::cos(degrees * PI / 180.0));
            (ux * cos - uy * sin, ux * sin + uy * cos)
        };
        let tip = |(ux, uy): Xy| (spot.0 + ux * (radius + OUTWARDS), spot.1 + uy * (radius + OUTWARDS));
        let clear = |u: &Xy| {
            let (x, y) = tip(*u);
            let circles = map.places.iter().zip(spots).filter(|(p, _)| !p.beyond).filter_map(|(_, s)| *s);
            circles.into_iter().all(|(center, r)| (x - center.0).hypot(y - center.1) > r + 16.0)
        };
        let turns = [0.0, -15.0, 15.0, -30.0, 30.0, -45.0, 45.0].map(turned);
        let (ux, uy) = *turns.iter().find(|u| clear(u)).unwrap_or(&turns[0]);
        let inner = (spot.0 + ux * (radius + 1.0), spot.1 + uy * (radius + 1.0));
        let outer = tip((ux, uy));
        let points = if inward { vec![outer, inner] } else { vec![inner, outer] };
        let others = if parts.len() > 1 { format!(" +{}", parts.len() - 1) } else { String::new() };
        let side = &map.captions.sides[usize::from(inward)];
        let label = format!("{side} {}{others}  {}", map.places[parts[0].1].name, short(amount));
        ends.push((amount, (outer, (ux, uy)), label));
        arrows.push(Arrow { points, amount, mode });
    }
    arrows.retain(|a| a.points.len() > 1);
    arrows.sort_by(|a, b| b.amount.total_cmp(&a.amount));
    ends.sort_by(|a, b| b.0.total_cmp(&a.0));
    (arrows, ends.into_iter().take(8).map(|(_, end, label)| (end, label)).collect())
}

/// A slightly bent line from `a` to `b`, so that both directions of a link can be seen.
fn curve(a: Xy, b: Xy) -> Vec<Xy> {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let bend = ((a.0 + b.0) / 2.0 + 0.14 * dy, (a.1 + b.1) / 2.0 - 0.14 * dx);
    let mix = |t: f64, p: f64, q: f64, r: f64| (1.0 - t) * (1.0 - t) * p + 2.0 * t * (1.0 - t) * q + t * t * r;
    let parts = (dx.hypot(dy) / 3.0).ceil().clamp(12.0, 400.0);
    (0..=parts as usize)
        .map(|k| k as f64 / parts)
        .map(|t| (mix(t, a.0, bend.0, b.0), mix(t, a.1, bend.1, b.1)))
        .collect()
}

/// `points` without what lies within `start` of its first and `end` of its last point, but at least half of the way.
fn trimmed(points: &[Xy], start: f64, end: f64) -> Vec<Xy> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    let most = 0.25 * (last.0 - first.0).hypot(last.1 - first.1);
    let far = |p: &Xy, from: &Xy, radius: f64| (p.0 - from.0).hypot(p.1 - from.1) >= radius.min(most);
    points.iter().filter(|p| far(p, first, start) && far(p, last, end)).copied().collect()
}

fn draw_arrow(picture: &mut Picture, arrow: &Arrow, width: f64, frame: Rect) {
    let (color, dash) = arrow.mode.look();
    let Some(tip) = arrow.points.last().copied() else { return };
    let length: f64 = arrow.points.windows(2).map(|w| (w[1].0 - w[0].0).hypot(w[1].1 - w[0].1)).sum();
    let head = (5.0 + 1.7 * width).min(length * 0.6);
    let shaft: Vec<Xy> = arrow.points.iter().filter(|p| (p.0 - tip.0).hypot(p.1 - tip.1) >= head).copied().collect();
    let Some(base) = shaft.last().copied() else { return };
    let away = (tip.0 - base.0).hypot(tip.1 - base.1).max(1e-6);
    let (ux, uy) = ((tip.0 - base.0) / away, (tip.1 - base.1) / away);
    let neck = (tip.0 - ux * head, tip.1 - uy * head);
    let half = (2.6 + 0.85 * width).min(0.6 * head.max(width));
    let mut shaft = shaft;
    shaft.push((neck.0 + ux, neck.1 + uy));
    let head = [tip, (neck.0 - uy * half, neck.1 + ux * half), (neck.0 + uy * half, neck.1 - ux * half)];
    // A white seam sets arrows off from circles and from each other.
    let mut outline = head.to_vec();
    outline.push(tip);
    for line in clip_line(&outline, frame) {
        picture.line(&line, 2.0, WHITE);
    }
    for line in clip_line(&shaft, frame) {
        picture.dashed(&line, dash, width + 2.0, WHITE);
        picture.dashed(&line, dash, width, color);
    }
    picture.area(&clip_polygon(&head, frame), color);
}

/// What names must not cover, and what they should not cover if there is another place for them.
struct Taken {
    names: Vec<Rect>,
    arrows: Vec<Rect>,
}

impl Taken {
    /// The first of `candidates` within `frame` that covers nothing; failing that, the first that covers arrows only.
    fn room(&self, candidates: &[(Rect, f64)], frame: Rect) -> Option<(Rect, f64)> {
        let inside = |r: &Rect| frame.holds((r.left, r.top)) && frame.holds((r.right, r.bottom));
        let free = |taken: &[Rect], r: &Rect| !taken.iter().any(|t| t.overlaps(r));
        let open: Vec<_> = candidates.iter().filter(|(r, _)| inside(r) && free(&self.names, r)).copied().collect();
        open.iter().find(|(r, _)| free(&self.arrows, r)).or(open.first()).copied()
    }
}

/// Writes the name of a place beside it where nothing else is; a line leads to it where it had to go further away.
fn name_place(picture: &mut Picture, name: &str, (x, y): Xy, radius: f64, frame: Rect, taken: &mut Taken) {
    const SIZE: f64 = 12.5;
    const NEAR: f64 = 4.0;
    const SIDES: [Xy; 8] =
        [(1.0, 0.0), (-1.0, 0.0), (0.0, -1.0), (0.0, 1.0), (0.7, -0.7), (-0.7, -0.7), (0.7, 0.7), (-0.7, 0.7)];
    let wide = text_width(name, SIZE, true);
    let mut candidates = Vec::new();
    for distance in [NEAR, 16.0, 30.0, 46.0] {
        for (ux, uy) in SIDES {
            let reach = radius + distance;
            let (cx, cy) = (x + ux * (reach + wide / 2.0), y + uy * (reach + 7.0));
            let area =
                Rect { left: cx - wide / 2.0 - 2.0, top: cy - 8.5, right: cx + wide / 2.0 + 2.0, bottom: cy + 8.5 };
            candidates.push((area, distance));
        }
    }
    let Some((area, distance)) = taken.room(&candidates, frame) else { return };
    if distance > NEAR {
        // From the edge of the circle to the nearest point of the plate.
        let end = (x.clamp(area.left, area.right), y.clamp(area.top, area.bottom));
        let length = (end.0 - x).hypot(end.1 - y).max(1e-6);
        let edge = (x + (end.0 - x) / length * radius, y + (end.1 - y) / length * radius);
        picture.line(&[edge, end], 0.9, INK);
    }
    write_on_plate(picture, name, area, Type::new(SIZE, INK).bold(), taken);
}

/// Writes where an arrow out of the map leads, beyond its tip.
fn name_end(picture: &mut Picture, text: &str, ((x, y), (ux, uy)): End, frame: Rect, taken: &mut Taken) {
    const SIZE: f64 = 11.5;
    let half = (text_width(text, SIZE, false) / 2.0 + 2.0, 7.5);
    let beyond = (ux * (half.0 + 4.0), uy * (half.1 + 4.0));
    let sides = [
        (half.0 + 5.0, 0.0),
        (-half.0 - 5.0, 0.0),
        (0.0, -14.0),
        (0.0, 14.0),
        (half.0, 14.0),
        (-half.0, 14.0),
        (half.0, -14.0),
        (-half.0, -14.0),
    ];
    let areas = [beyond].into_iter().chain(sides).map(|(dx, dy)| {
        let (cx, cy) = (x + dx, y + dy);
        (Rect { left: cx - half.0, top: cy - half.1, right: cx + half.0, bottom: cy + half.1 }, 0.0)
    });
    if let Some((area, _)) = taken.room(&areas.collect::<Vec<_>>(), frame) {
        write_on_plate(picture, text, area, Type::new(SIZE, INK), taken);
    }
}

fn write_on_plate(picture: &mut Picture, text: &str, area: Rect, style: Type, taken: &mut Taken) {
    plate(picture, area);
    let middle = ((area.left + area.right) / 2.0, (area.top + area.bottom) / 2.0 + style.half_height());
    picture.text(text, middle, style.align(Align::Middle));
    taken.names.push(area);
}

/// A pale ground under a text.
fn plate(picture: &mut Picture, area: Rect) {
    picture.rectangle((area.left, area.top), (area.right, area.bottom), faint(WHITE, 0.72));
}

/// Writes the names of countries where their visible part is widest and nothing else is, smaller where there is little room.
fn name_countries(picture: &mut Picture, countries: &[(&str, Vec<Vec<Xy>>)], frame: Rect, blocked: &mut Vec<Rect>) {
    const ROW: f64 = 10.0;
    let count = ((frame.bottom - frame.top) / ROW) as usize;
    let height = |k: usize| frame.top + (k as f64 + 0.5) * ROW;
    for (name, polygons) in countries {
        let name = name.to_uppercase();
        // Where there is room: what each row shares with the rows above and below.
        let rows: Vec<Vec<Xy>> = (0..count).map(|k| spans(polygons, height(k))).collect();
        let mut rooms: Vec<(f64, Xy)> = Vec::new();
        for (k, three) in rows.windows(3).enumerate() {
            for (left, right) in &three[1] {
                rooms.extend(shared(&three[0], &three[2], *left, *right).into_iter().map(|span| (height(k + 1), span)));
            }
        }
        for size in [13.0, 10.5] {
            let wide = text_width(&name, size, false) + 6.0;
            let mut best: Option<(f64, Rect)> = None;
            for (y, (left, right)) in &rooms {
                // In the middle of the room, at its beginning, at its end.
                for x in [(left + right) / 2.0, left + wide / 2.0 + 3.0, right - wide / 2.0 - 3.0] {
                    let area = Rect { left: x - wide / 2.0, top: y - 9.0, right: x + wide / 2.0, bottom: y + 9.0 };
                    let fits = area.left > left.max(frame.left + 4.0) && area.right < right.min(frame.right - 4.0);
                    let wider = best.is_none_or(|(width, _)| right - left > width);
                    if fits && wider && !blocked.iter().any(|b| b.overlaps(&area)) {
                        best = Some((right - left, area));
                    }
                }
            }
            if let Some((_, area)) = best {
                let style = Type::new(size, rgb(0x6b655e)).align(Align::Middle);
                let middle = ((area.left + area.right) / 2.0, (area.top + area.bottom) / 2.0 + style.half_height());
                picture.text(&name, middle, style);
                blocked.push(area);
                break;
            }
        }
    }
}

/// Where the horizontal line at `y` lies within polygons.
fn spans(polygons: &[Vec<Xy>], y: f64) -> Vec<Xy> {
    let mut spans = Vec::new();
    for polygon in polygons {
        let mut crossings: Vec<f64> = polygon
            .iter()
            .zip(polygon.iter().cycle().skip(1))
            .filter(|(a, b)| (a.1 > y) != (b.1 > y))
            .map(|(a, b)| a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0))
            .collect();
        crossings.sort_by(f64::total_cmp);
        spans.extend(crossings.chunks_exact(2).map(|c| (c[0], c[1])));
    }
    spans
}

/// What the span from `left` to `right` shares with spans of the row above and of the row below.
fn shared(above: &[Xy], below: &[Xy], left: f64, right: f64) -> Vec<Xy> {
    let cut = |(a, b): Xy, (c, d): Xy| (a.max(c), b.min(d));
    let with = |row: &[Xy], span: Xy| row.iter().map(|s| cut(*s, span)).filter(|s| s.0 < s.1).collect::<Vec<_>>();
    with(above, (left, right)).into_iter().flat_map(|s| with(below, s)).collect()
}

/// A bar of a round number of kilometres at the lower left, true at the middle latitude of the map.
fn scale_bar(picture: &mut Picture, projection: &Projection, blocked: &[Rect]) {
    let frame = projection.frame;
    let lat = libm::atan(libm::sinh(projection.middle.1 * PI / 180.0));
    let pixels_per_km = projection.scale / (111.32 * libm::cos(lat));
    let longest = 150.0 / pixels_per_km;
    let power = 10f64.powf(longest.log10().floor());
    let km = [5.0, 2.0, 1.0].into_iter().map(|m| m * power).find(|km| *km <= longest).unwrap_or(power);
    let wide = km * pixels_per_km;
    let style = Type::new(12.0, INK);
    let text = format!("{} km", grouped(km, if km < 1.0 { 1 } else { 0 }));
    let area = |x: f64, y: f64| Rect {
        left: x - 8.0,
        top: y - 22.0,
        right: x + wide.max(text_width(&text, style.size, false)) + 8.0,
        bottom: y + 8.0,
    };
    let corners = [
        (frame.left + 14.0, frame.bottom - 14.0),
        (frame.right - 22.0 - wide, frame.bottom - 14.0),
        (frame.left + 14.0, frame.top + 28.0),
        (frame.right - 22.0 - wide, frame.top + 28.0),
    ];
    let free = |c: &&Xy| !blocked.iter().any(|b| b.overlaps(&area(c.0, c.1)));
    let (x, y) = *corners.iter().find(free).unwrap_or(&corners[0]);
    plate(picture, area(x, y));
    picture.line(&[(x, y), (x + wide, y)], 2.0, INK);
    for end in [x, x + wide] {
        picture.line(&[(end, y - 4.0), (end, y + 4.0)], 1.5, INK);
    }
    picture.text(&text, (x + 4.0, y - 8.0), style);
}

fn legend(picture: &mut Picture, map: &FlowMap, arrows: &[Arrow], (largest, widest): (f64, f64), frame: Rect) {
    let left = frame.right + 20.0;
    let wide = WIDTH - 14.0 - left;
    let (heading, text) = (Type::new(13.5, INK).bold(), Type::new(13.0, INK));
    let mut y = frame.top + 12.0;
    if map.places.iter().any(|p| !p.beyond && p.amount.is_finite() && p.amount > 0.0) {
        for line in wrap(&map.place_title, heading.size, true, wide) {
            picture.text(&line, (left, y), heading);
            y += 18.0;
        }
        for amount in samples(largest) {
            let radius = (LARGEST * (amount / largest).sqrt()).max(3.0);
            y += radius.max(8.0);
            let center = (left + LARGEST + 2.0, y);
            picture.disc(center, radius, CIRCLE_EDGE);
            picture.disc(center, radius - 1.2, CIRCLE);
            picture.text(&short(amount), (left + 78.0, y + text.half_height()), text);
            y += radius.max(8.0) + 6.0;
        }
        y += 24.0;
    }
    if !arrows.is_empty() {
        for line in wrap(&map.link_title, heading.size, true, wide) {
            picture.text(&line, (left, y), heading);
            y += 18.0;
        }
        y += 2.0;
        for amount in samples(widest) {
            let width = width(amount, widest);
            picture.line(&[(left, y), (left + 60.0, y)], width, GREY);
            picture.text(&short(amount), (left + 78.0, y + text.half_height()), text);
            y += width.max(8.0) + 12.0;
        }
        y += 6.0;
        for mode in MapMode::ALL.into_iter().filter(|m| arrows.iter().any(|a| a.mode == *m)) {
            let name = &map.captions.modes[mode as usize];
            let arrow = Arrow { points: (0..=30).map(|k| (left + 2.0 * f64::from(k), y)).collect(), amount: 1.0, mode };
            draw_arrow(picture, &arrow, 3.0, Rect { left, top: y - 20.0, right: left + 80.0, bottom: y + 20.0 });
            picture.text(&fit(name, text.size, false, wide - 76.0), (left + 78.0, y + text.half_height()), text);
            y += 22.0;
        }
    }
    let small = Type::new(11.5, GREY);
    let lines = wrap(&map.captions.boundaries, small.size, false, wide);
    for (k, line) in lines.iter().rev().enumerate() {
        picture.text(line, (left, frame.bottom - 4.0 - 16.0 * k as f64), small);
    }
}

/// Round numbers up to `largest`, the largest first: about all, a third and a tenth of it.
fn samples(largest: f64) -> Vec<f64> {
    let round = |value: f64| {
        let power = 10f64.powf(value.log10().floor());
        [5.0, 2.0, 1.0].into_iter().map(|m| m * power).find(|v| *v <= value * 1.0001).unwrap_or(power)
    };
    let mut samples = vec![round(largest)];
    for part in [3.0, 12.0] {
        let sample = round(largest / part);
        if sample < samples[samples.len() - 1] {
            samples.push(sample);
        }
    }
    samples
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Rect = Rect { left: 0.0, top: 0.0, right: 10.0, bottom: 10.0 };

    fn area(polygon: &[Xy]) -> f64 {
        let pairs = polygon.iter().zip(polygon.iter().cycle().skip(1));
        pairs.map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum::<f64>().abs() / 2.0
    }

    #[test]
    fn polygons_are_cut_at_the_frame() {
        let square = [(5.0, 5.0), (15.0, 5.0), (15.0, 15.0), (5.0, 15.0)];
        assert_eq!(area(&clip_polygon(&square, FRAME)), 25.0);
        let around = [(-5.0, -5.0), (15.0, -5.0), (15.0, 15.0), (-5.0, 15.0)];
        assert_eq!(area(&clip_polygon(&around, FRAME)), 100.0);
        let away = [(15.0, 15.0), (25.0, 15.0), (25.0, 25.0)];
        assert!(clip_polygon(&away, FRAME).is_empty());
        assert!(clip_polygon(&[], FRAME).is_empty());
    }

    #[test]
    fn lines_are_cut_at_the_frame_and_stay_whole_within() {
        let line = [(-5.0, 5.0), (5.0, 5.0), (6.0, 5.0), (20.0, 5.0), (20.0, 8.0), (5.0, 8.0)];
        let parts = clip_line(&line, FRAME);
        assert_eq!(parts, [vec![(0.0, 5.0), (5.0, 5.0), (6.0, 5.0), (10.0, 5.0)], vec![(10.0, 8.0), (5.0, 8.0)]]);
    }

    #[test]
    fn all_places_are_within_the_frame_also_across_the_180th_meridian() {
        let frame = Rect { left: 0.0, top: 0.0, right: 900.0, bottom: 600.0 };
        let fiji_samoa_auckland = [(178.4, -18.1), (-171.8, -13.8), (174.8, -36.8)];
        for places in [&fiji_samoa_auckland[..], &[(13.2, 32.9)], &[(-120.0, 50.0), (140.0, 35.0), (10.0, -30.0)]] {
            let projection = Projection::fitted(places, frame).unwrap();
            for (lon, lat) in places {
                assert!(frame.holds(projection.place(*lat, *lon)), "{lon} {lat}");
            }
        }
        let projection = Projection::fitted(&fiji_samoa_auckland, frame).unwrap();
        let (fiji, samoa) = (projection.place(-18.1, 178.4), projection.place(-13.8, -171.8));
        assert!(fiji.0 < samoa.0 && samoa.0 - fiji.0 < 500.0);
        assert!(Projection::fitted(&[], frame).is_none());
    }

    #[test]
    fn samples_are_round_and_descend() {
        assert_eq!(samples(13_400.0), [10_000.0, 2_000.0, 1_000.0]);
        assert_eq!(samples(1.0), [1.0, 0.2, 0.05]);
    }
}
