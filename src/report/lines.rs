//! Charts over dates: lines with bands and recorded points in one or more panels, and stacked areas.

use super::picture::{
    Align, Captions, Color, DASHES, GREY, HEIGHT, INK, MARGIN, PALETTE, Picture, RULE, Type, WHITE, WIDTH, faint, fit,
    rgb, text_width,
};
use super::ticks::{date_ticks, round_ticks, tick_labels, widened};
use chrono::NaiveDate;

/// A line chart, one panel or several side by side (one for each country, for example).
#[derive(Debug, Clone, Default)]
pub struct LineChart {
    /// What is shown, in one sentence.
    pub title: String,
    /// Where, when, for whom; what a band is.
    pub subtitle: String,
    /// Title of the vertical axis with its unit, e.g. `Arrivals since 20 February (persons)`.
    pub y_title: String,
    /// Line at the foot: scenario, strategy, seed, number of runs.
    pub note: String,
    /// The panels, drawn in rows from the upper left.
    pub panels: Vec<Panel>,
    /// Whether all panels share one vertical scale.
    pub same_scale: bool,
    /// What the legend says of the bands; empty: nothing.
    pub band_name: String,
    /// What the legend says of the recorded points; empty: nothing.
    pub record_name: String,
    /// Words that the chart itself puts on the sheet.
    pub captions: Captions,
}

/// One panel of a [`LineChart`].
#[derive(Debug, Clone, Default)]
pub struct Panel {
    /// Stands above the panel; may be empty.
    pub title: String,
    /// Its lines. A name has the same colour, dash and marker in all panels.
    pub series: Vec<Series>,
    /// Points of the record.
    pub records: Vec<Recorded>,
}

/// A line over dates. Values that are not finite are left out.
#[derive(Debug, Clone, Default)]
pub struct Series {
    /// Name in the legend.
    pub name: String,
    /// Date and value, in the order of dates.
    pub values: Vec<(NaiveDate, f64)>,
    /// Date, lower and upper end of the band (usually 5 and 95 %); may be empty.
    pub band: Vec<(NaiveDate, f64, f64)>,
}

/// A recorded value with its range, drawn as an open marker with an error bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recorded {
    /// Day of the record.
    pub date: NaiveDate,
    /// Recorded value.
    pub value: f64,
    /// Lower end of what the record allows; the value itself where there is none.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// What people do over time, stacked: the top edge is the sum.
#[derive(Debug, Clone, Default)]
pub struct StackedAreas {
    /// See [`LineChart::title`].
    pub title: String,
    /// See [`LineChart::subtitle`].
    pub subtitle: String,
    /// See [`LineChart::y_title`].
    pub y_title: String,
    /// See [`LineChart::note`].
    pub note: String,
    /// The days.
    pub dates: Vec<NaiveDate>,
    /// Name and one value for each day, from the lowest layer up. What is missing, negative or not finite counts as 0.
    pub layers: Vec<(String, Vec<f64>)>,
    /// Words that the chart itself puts on the sheet.
    pub captions: Captions,
}

/// Width of the vertical axis with its labels, in pixels.
const AXIS: f64 = 58.0;
/// Height of the labels under a date axis, in pixels.
const DATES: f64 = 40.0;

/// A frame for data: which dates and values its edges stand for.
struct Frame {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    dates: (NaiveDate, NaiveDate),
    values: (f64, f64),
    months: [String; 12],
}

impl Frame {
    fn x(&self, date: NaiveDate) -> f64 {
        let days = |from: NaiveDate, to: NaiveDate| to.signed_duration_since(from).num_days() as f64;
        let share = days(self.dates.0, date) / days(self.dates.0, self.dates.1).max(1.0);
        self.left + share * (self.right - self.left)
    }

    fn y(&self, value: f64) -> f64 {
        self.bottom - (value - self.values.0) / (self.values.1 - self.values.0) * (self.bottom - self.top)
    }

    /// Rules and labels of both axes. `ticks` are those of the values, the first and last of which are the edges.
    fn axes(&self, picture: &mut Picture, ticks: &[f64]) {
        let small = Type::new(12.5, GREY);
        for (tick, label) in ticks.iter().zip(tick_labels(ticks)) {
            let y = self.y(*tick);
            let (width, color) = if *tick == 0.0 { (1.2, GREY) } else { (1.0, RULE) };
            picture.line(&[(self.left, y), (self.right, y)], width, color);
            picture.text(&label, (self.left - 8.0, y + small.half_height()), small.align(Align::Right));
        }
        picture.line(&[(self.left, self.bottom), (self.right, self.bottom)], 1.2, GREY);
        let count = ((self.right - self.left) / 64.0) as usize;
        for (date, label, year) in date_ticks(self.dates.0, self.dates.1, count, &self.months) {
            let x = self.x(date);
            picture.line(&[(x, self.bottom), (x, self.bottom + 5.0)], 1.2, GREY);
            picture.text(&label, (x, self.bottom + 18.0), small.align(Align::Middle));
            if let Some(year) = year {
                picture.text(&year.to_string(), (x, self.bottom + 33.0), small.align(Align::Middle));
            }
        }
    }
}

/// How the `k`-th name is drawn: colour, dash, shape of its markers.
fn look(k: usize) -> (Color, &'static [f64], usize) {
    (PALETTE[k % PALETTE.len()], DASHES[k % DASHES.len()], k)
}

/// Draws a [`LineChart`]. A chart without data is a sheet that says so.
pub fn line_chart(chart: &LineChart) -> Picture {
    let names = names(chart);
    let (columns, rows) = grid(chart.panels.len());
    let height = if rows > 3 { HEIGHT + 190.0 * (rows - 3) as f64 } else { HEIGHT };
    let (mut picture, (top, bottom)) =
        Picture::sheet(&chart.title, &chart.subtitle, &chart.note, height, &chart.captions);
    let top = legend(&mut picture, chart, &names, top + 8.0);
    let Some(dates) = dates(chart) else {
        return nothing(picture, &chart.captions, (top, bottom));
    };
    let left = axis_title(&mut picture, &chart.y_title, (top, bottom));
    let all_values = extent(chart.panels.iter().flat_map(values));
    let (width, tall) = ((WIDTH - MARGIN - left) / columns as f64, (bottom - top) / rows as f64);
    for (k, panel) in chart.panels.iter().enumerate() {
        let (column, row) = ((k % columns) as f64, (k / columns) as f64);
        let range = if chart.same_scale { all_values } else { extent(values(panel)) };
        let title = if panel.title.is_empty() { 8.0 } else { 28.0 };
        let mut frame = Frame {
            left: left + column * width + AXIS,
            right: left + (column + 1.0) * width - if columns > 1 { 10.0 } else { 0.0 },
            top: top + row * tall + title,
            bottom: top + (row + 1.0) * tall - DATES,
            dates,
            values: (0.0, 1.0),
            months: chart.captions.months.clone(),
        };
        let (low, high) = range.unwrap_or((0.0, 0.0));
        let ticks = round_ticks(low.min(0.0), high.max(0.0), ((frame.bottom - frame.top) / 36.0).min(8.0) as usize);
        frame.values = (ticks[0], ticks[ticks.len() - 1]);
        let heading = Type::new(15.0, INK).bold();
        let title = fit(&panel.title, heading.size, true, frame.right - frame.left);
        picture.text(&title, (frame.left, frame.top - 11.0), heading);
        frame.axes(&mut picture, &ticks);
        draw_panel(&mut picture, &frame, panel, &names);
        if range.is_none() {
            let middle = ((frame.left + frame.right) / 2.0, (frame.top + frame.bottom) / 2.0);
            picture.text(&chart.captions.no_data, middle, Type::new(13.0, GREY).align(Align::Middle));
        }
    }
    picture
}

fn draw_panel(picture: &mut Picture, frame: &Frame, panel: &Panel, names: &[&str]) {
    let place = |name: &str| names.iter().position(|n| *n == name).unwrap_or(0);
    for series in &panel.series {
        let (color, ..) = look(place(&series.name));
        for run in series.band.split(|(_, low, high)| !low.is_finite() || !high.is_finite()) {
            let upper = run.iter().map(|(d, _, high)| (frame.x(*d), frame.y(*high)));
            let lower = run.iter().rev().map(|(d, low, _)| (frame.x(*d), frame.y(*low)));
            picture.area(&upper.chain(lower).collect::<Vec<_>>(), faint(color, 0.18));
        }
    }
    for series in &panel.series {
        let k = place(&series.name);
        let (color, dash, shape) = look(k);
        for run in series.values.split(|(_, value)| !value.is_finite()) {
            let points: Vec<_> = run.iter().map(|(d, value)| (frame.x(*d), frame.y(*value))).collect();
            picture.dashed(&points, dash, 2.4, color);
            // Markers some way apart, at other places for each line, tell lines apart without colour.
            let apart = 110.0;
            let mut next = frame.left + apart * (0.35 + 0.23 * (k % 5) as f64);
            for point in &points {
                if points.len() == 1 || point.0 >= next {
                    picture.marker(shape, *point, 4.6, color, color);
                    next = point.0 + apart;
                }
            }
        }
    }
    for record in panel.records.iter().filter(|r| r.value.is_finite()) {
        let x = frame.x(record.date);
        let end = |v: f64| frame.y(if v.is_finite() { v } else { record.value });
        draw_record(picture, x, (end(record.low), frame.y(record.value), end(record.high)));
    }
}

/// An open circle at `y` with a bar from `low` to `high`.
fn draw_record(picture: &mut Picture, x: f64, (low, y, high): (f64, f64, f64)) {
    if (low - high).abs() > 1.0 {
        picture.line(&[(x, low), (x, high)], 1.3, INK);
        for end in [low, high] {
            picture.line(&[(x - 4.0, end), (x + 4.0, end)], 1.3, INK);
        }
    }
    picture.marker(0, (x, y), 4.2, INK, WHITE);
}

/// Draws [`StackedAreas`]. Layers are named beside their right end. A chart without data is a sheet that says so.
pub fn stacked_areas(chart: &StackedAreas) -> Picture {
    const NAMES: f64 = 220.0;
    let (mut picture, (top, bottom)) =
        Picture::sheet(&chart.title, &chart.subtitle, &chart.note, HEIGHT, &chart.captions);
    let (Some(first), Some(last)) = (chart.dates.iter().min(), chart.dates.iter().max()) else {
        return nothing(picture, &chart.captions, (top, bottom));
    };
    if chart.layers.is_empty() {
        return nothing(picture, &chart.captions, (top, bottom));
    }
    // A single day becomes a plateau of two.
    let mut days = chart.dates.clone();
    let (first, last) = if first == last { widened((*first, *last)) } else { (*first, *last) };
    let single = chart.dates.len() == 1;
    if single {
        days = vec![first, last];
    }
    let mut edges = vec![vec![0.0; days.len()]];
    for (_, values) in &chart.layers {
        let value = |k: usize| {
            values.get(if single { 0 } else { k }).copied().filter(|v| v.is_finite()).map_or(0.0, |v| v.max(0.0))
        };
        let below = &edges[edges.len() - 1];
        edges.push(below.iter().enumerate().map(|(k, b)| b + value(k)).collect());
    }
    let highest = edges[edges.len() - 1].iter().fold(0f64, |m, v| m.max(*v));
    let left = axis_title(&mut picture, &chart.y_title, (top, bottom));
    let mut frame = Frame {
        left: left + AXIS,
        right: WIDTH - MARGIN - NAMES,
        top: top + 14.0,
        bottom: bottom - DATES,
        dates: (first, last),
        values: (0.0, 1.0),
        months: chart.captions.months.clone(),
    };
    let ticks = round_ticks(0.0, highest, 8);
    frame.values = (ticks[0], ticks[ticks.len() - 1]);
    frame.axes(&mut picture, &ticks);
    let line = |edge: &[f64]| days.iter().zip(edge).map(|(d, v)| (frame.x(*d), frame.y(*v))).collect::<Vec<_>>();
    for (k, pair) in edges.windows(2).enumerate() {
        let (lower, upper) = (line(&pair[0]), line(&pair[1]));
        let outline: Vec<_> = upper.iter().copied().chain(lower.into_iter().rev()).collect();
        picture.area(&outline, layer_color(k));
    }
    for edge in &edges[1..] {
        picture.line(&line(edge), 1.6, WHITE);
    }
    frame.rules_over(&mut picture, &ticks);
    // Names beside the right ends, pushed apart where they would overlap.
    let ends: Vec<f64> =
        edges.windows(2).map(|e| frame.y((e[0][days.len() - 1] + e[1][days.len() - 1]) / 2.0)).collect();
    let style = Type::new(13.5, INK);
    for ((k, end), y) in ends.iter().enumerate().zip(apart(&ends, 21.0, (frame.top, frame.bottom))) {
        let x = frame.right + 22.0;
        picture.line(&[(frame.right + 3.0, *end), (x - 4.0, y)], 1.0, GREY);
        picture.rectangle((x, y - 7.0), (x + 14.0, y + 7.0), layer_color(k));
        let name = fit(&chart.layers[k].0, style.size, false, WIDTH - 12.0 - (x + 20.0));
        picture.text(&name, (x + 20.0, y + style.half_height()), style);
    }
    picture
}

impl Frame {
    /// Faint rules over filled areas, so that values can be read there as well.
    fn rules_over(&self, picture: &mut Picture, ticks: &[f64]) {
        for tick in ticks {
            let y = self.y(*tick);
            picture.line(&[(self.left, y), (self.right, y)], 1.0, faint(WHITE, 0.35));
        }
    }
}

/// Colours of layers: light and dark in turn, so that neighbours differ in grey as well; black would be too heavy.
fn layer_color(k: usize) -> Color {
    const COLORS: [Color; 8] =
        [PALETTE[0], PALETTE[5], PALETTE[1], PALETTE[4], PALETTE[2], PALETTE[3], rgb(0x8a8a8a), rgb(0xd2d2d2)];
    COLORS[k % COLORS.len()]
}

/// `wanted` heights moved as little as a single pass down and one up allow so that they stand at least `gap` apart.
fn apart(wanted: &[f64], gap: f64, (top, bottom): (f64, f64)) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*b].total_cmp(&wanted[*a]).then(a.cmp(b)));
    let mut placed = wanted.to_vec();
    let mut limit = bottom - 4.0;
    for k in &order {
        placed[*k] = placed[*k].min(limit);
        limit = placed[*k] - gap;
    }
    let mut limit = top;
    for k in order.iter().rev() {
        placed[*k] = placed[*k].max(limit);
        limit = placed[*k] + gap;
    }
    placed
}

/// The title of the vertical axis; returns where the drawing begins.
fn axis_title(picture: &mut Picture, title: &str, (top, bottom): (f64, f64)) -> f64 {
    if title.trim().is_empty() {
        return MARGIN;
    }
    let style = Type::new(13.5, INK).align(Align::Middle).upwards();
    let title = fit(title, style.size, false, bottom - top);
    picture.text(&title, (MARGIN + 12.0, (top + bottom) / 2.0), style);
    MARGIN + 22.0
}

fn nothing(mut picture: Picture, captions: &Captions, (top, bottom): (f64, f64)) -> Picture {
    picture.text(&captions.no_data, (WIDTH / 2.0, (top + bottom) / 2.0), Type::new(18.0, GREY).align(Align::Middle));
    picture
}

/// Names of all lines in the order in which they first appear.
fn names(chart: &LineChart) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for series in chart.panels.iter().flat_map(|p| &p.series) {
        if !names.contains(&series.name.as_str()) {
            names.push(&series.name);
        }
    }
    names
}

/// The legend in rows; returns where it ends.
fn legend(picture: &mut Picture, chart: &LineChart, names: &[&str], top: f64) -> f64 {
    enum Sign {
        Line(usize),
        Band,
        Record,
    }
    let mut entries: Vec<(&str, Sign)> = names.iter().enumerate().map(|(k, n)| (*n, Sign::Line(k))).collect();
    if chart.panels.iter().any(|p| p.series.iter().any(|s| !s.band.is_empty())) {
        entries.push((&chart.band_name, Sign::Band));
    }
    if chart.panels.iter().any(|p| !p.records.is_empty()) {
        entries.push((&chart.record_name, Sign::Record));
    }
    entries.retain(|(name, _)| !name.trim().is_empty());
    if entries.is_empty() {
        return top;
    }
    let style = Type::new(13.5, INK);
    let (mut x, mut y) = (MARGIN, top + 10.0);
    for (name, sign) in entries {
        let name = fit(name, style.size, false, WIDTH - 2.0 * MARGIN - 60.0);
        let wide = 44.0 + text_width(&name, style.size, false);
        if x > MARGIN && x + wide > WIDTH - MARGIN {
            (x, y) = (MARGIN, y + 22.0);
        }
        match sign {
            Sign::Line(k) => {
                let (color, dash, shape) = look(k);
                picture.dashed(&[(x, y), (x + 36.0, y)], dash, 2.4, color);
                picture.marker(shape, (x + 18.0, y), 4.6, color, color);
            }
            Sign::Band => picture.rectangle((x, y - 7.0), (x + 36.0, y + 7.0), faint(GREY, 0.25)),
            Sign::Record => draw_record(picture, x + 18.0, (y + 8.0, y, y - 8.0)),
        }
        picture.text(&name, (x + 44.0, y + style.half_height()), style);
        x += wide + 26.0;
    }
    y + 20.0
}

/// Columns and rows for `panels` panels.
fn grid(panels: usize) -> (usize, usize) {
    let columns = match panels {
        0 | 1 => 1,
        2 | 4 => 2,
        3 | 5..=9 => 3,
        _ => 4,
    };
    (columns, panels.div_ceil(columns).max(1))
}

/// First and last day of everything that has a value.
fn dates(chart: &LineChart) -> Option<(NaiveDate, NaiveDate)> {
    let of_panel = |p: &Panel| {
        let lines = p.series.iter().flat_map(|s| s.values.iter().filter(|v| v.1.is_finite()).map(|v| v.0));
        let bands = p.series.iter().flat_map(|s| s.band.iter().filter(|b| (b.1 + b.2).is_finite()).map(|b| b.0));
        let records = p.records.iter().filter(|r| r.value.is_finite()).map(|r| r.date);
        lines.chain(bands).chain(records).collect::<Vec<_>>()
    };
    let all: Vec<NaiveDate> = chart.panels.iter().flat_map(of_panel).collect();
    Some(widened((*all.iter().min()?, *all.iter().max()?)))
}

/// All values of a panel.
fn values(panel: &Panel) -> impl Iterator<Item = f64> {
    let lines = panel.series.iter().flat_map(|s| s.values.iter().map(|v| v.1));
    let bands = panel.series.iter().flat_map(|s| s.band.iter().flat_map(|b| [b.1, b.2]));
    let records = panel.records.iter().filter(|r| r.value.is_finite()).flat_map(|r| [r.value, r.low, r.high]);
    lines.chain(bands).chain(records)
}

/// Least and largest of the finite values.
fn extent(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.filter(|v| v.is_finite()).fold(None, |range, v| match range {
        None => Some((v, v)),
        Some((low, high)) => Some((low.min(v), high.max(v))),
    })
}
