//! A chart of points: one thing against another, such as cost against people stranded.

use super::picture::{
    Align, Captions, GREY, HEIGHT, INK, MARGIN, PALETTE, Picture, RULE, Type, WHITE, WIDTH, fit, text_width,
};
use super::ticks::{round_ticks, tick_labels};

/// Named points over two axes.
#[derive(Debug, Clone, Default)]
pub struct ScatterChart {
    /// What is shown, in one sentence.
    pub title: String,
    /// Where, when, for whom.
    pub subtitle: String,
    /// Title of the horizontal axis with its unit.
    pub x_title: String,
    /// Title of the vertical axis with its unit.
    pub y_title: String,
    /// Line at the foot.
    pub note: String,
    /// The points. Those that are not finite are left out.
    pub points: Vec<Point>,
    /// Words that the chart itself puts on the sheet.
    pub captions: Captions,
}

/// A named point.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Point {
    /// Name beside it.
    pub name: String,
    /// Where it stands.
    pub at: (f64, f64),
    /// Lower and upper end of its vertical range.
    pub range: Option<(f64, f64)>,
    /// Drawn hollow: another point is better on one axis and no worse on the other.
    pub hollow: bool,
}

/// Draws a [`ScatterChart`]. The full points, from left to right, are joined by a broken line. A chart without data is a sheet
/// that says so.
pub fn scatter_chart(chart: &ScatterChart) -> Picture {
    let (mut picture, (top, bottom)) =
        Picture::sheet(&chart.title, &chart.subtitle, &chart.note, HEIGHT, &chart.captions);
    let finite = |p: &&Point| p.at.0.is_finite() && p.at.1.is_finite();
    let points: Vec<&Point> = chart.points.iter().filter(finite).collect();
    if points.is_empty() {
        let middle = (WIDTH / 2.0, (top + bottom) / 2.0);
        picture.text(&chart.captions.no_data, middle, Type::new(18.0, GREY).align(Align::Middle));
        return picture;
    }
    let range = |p: &Point| p.range.filter(|(a, b)| a.is_finite() && b.is_finite()).unwrap_or((p.at.1, p.at.1));
    let extent = |values: &mut dyn Iterator<Item = f64>| values.fold((0f64, 0f64), |(l, h), v| (l.min(v), h.max(v)));
    let across = extent(&mut points.iter().map(|p| p.at.0));
    let up = extent(&mut points.iter().flat_map(|p| [p.at.1, range(p).0, range(p).1]));
    let (x_ticks, y_ticks) = (round_ticks(across.0, across.1, 8), round_ticks(up.0, up.1, 8));
    let ends = |ticks: &[f64]| (ticks[0], ticks[ticks.len() - 1]);
    let ((x0, x1), (y0, y1)) = (ends(&x_ticks), ends(&y_ticks));
    let (left, right, ceiling, floor) = (MARGIN + 92.0, WIDTH - MARGIN - 60.0, top + 14.0, bottom - 50.0);
    let x = |value: f64| left + (value - x0) / (x1 - x0) * (right - left);
    let y = |value: f64| floor - (value - y0) / (y1 - y0) * (floor - ceiling);

    let small = Type::new(12.5, GREY);
    for (tick, label) in y_ticks.iter().zip(tick_labels(&y_ticks)) {
        picture.line(&[(left, y(*tick)), (right, y(*tick))], 1.0, if *tick == 0.0 { GREY } else { RULE });
        picture.text(&label, (left - 8.0, y(*tick) + small.half_height()), small.align(Align::Right));
    }
    for (tick, label) in x_ticks.iter().zip(tick_labels(&x_ticks)) {
        picture.line(&[(x(*tick), ceiling), (x(*tick), floor)], 1.0, if *tick == 0.0 { GREY } else { RULE });
        picture.text(&label, (x(*tick), floor + 18.0), small.align(Align::Middle));
    }
    let axis = Type::new(13.5, INK).align(Align::Middle);
    picture.text(&fit(&chart.x_title, axis.size, false, right - left), ((left + right) / 2.0, floor + 40.0), axis);
    let title = fit(&chart.y_title, axis.size, false, floor - ceiling);
    picture.text(&title, (MARGIN + 12.0, (ceiling + floor) / 2.0), axis.upwards());

    let mut full: Vec<(f64, f64)> = points.iter().filter(|p| !p.hollow).map(|p| (x(p.at.0), y(p.at.1))).collect();
    full.sort_by(|a, b| a.0.total_cmp(&b.0));
    picture.dashed(&full, &[7.0, 5.0], 1.6, GREY);
    let mut taken: Vec<[f64; 4]> = points
        .iter()
        .map(|p| {
            [x(p.at.0) - 9.0, y(range(p).1).min(y(p.at.1) - 9.0), x(p.at.0) + 9.0, y(range(p).0).max(y(p.at.1) + 9.0)]
        })
        .collect();
    for point in &points {
        let at = (x(point.at.0), y(point.at.1));
        let (low, high) = range(point);
        if low < high {
            picture.line(&[(at.0, y(low)), (at.0, y(high))], 1.6, INK);
            for end in [low, high] {
                picture.line(&[(at.0 - 5.0, y(end)), (at.0 + 5.0, y(end))], 1.6, INK);
            }
        }
        picture.marker(0, at, 7.0, INK, if point.hollow { WHITE } else { PALETTE[0] });
    }
    let name = Type::new(13.5, INK).bold();
    for point in &points {
        let at = (x(point.at.0), y(point.at.1));
        let text = fit(&point.name, name.size, true, 300.0);
        let wide = text_width(&text, name.size, true);
        // Beside the point, else the nearest free place above or below it.
        let steps = [0.0, -16.0, 16.0, -32.0, 32.0, -48.0, 48.0, -64.0, 64.0];
        let spots = steps.iter().flat_map(|dy| [(at.0 + 13.0, at.1 + dy), (at.0 - 13.0 - wide, at.1 + dy)]);
        let frame = |(l, middle): (f64, f64)| [l, middle - 8.0, l + wide, middle + 8.0];
        let free = |f: &[f64; 4]| {
            let overlaps = |t: &[f64; 4]| t[0] < f[2] && f[0] < t[2] && t[1] < f[3] && f[1] < t[3];
            f[0] >= left
                && f[2] <= WIDTH - 12.0
                && f[1] >= ceiling - 8.0
                && f[3] <= floor
                && !taken.iter().any(overlaps)
        };
        let spot = spots.map(frame).find(free).unwrap_or(frame((at.0 + 13.0, at.1)));
        picture.text(&text, (spot[0], (spot[1] + spot[3]) / 2.0 + name.half_height()), name);
        taken.push(spot);
    }
    picture
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_apart_and_what_is_not_finite_is_left_out() {
        let point = |name: &str, x, y| Point { name: name.into(), at: (x, y), ..Point::default() };
        let points = vec![point("one", 1.0, 5.0), point("two", 1.0, 5.0), point("lost", f64::NAN, 1.0)];
        let svg = scatter_chart(&ScatterChart { points, ..ScatterChart::default() }).svg().unwrap();
        assert!(svg.contains("one") && svg.contains("two") && !svg.contains("lost"));
        let place = |name: &str| {
            svg.split("<text ")
                .find(|t| t.contains(&format!("\n{name}\n")))
                .map(|t| t.split('>').next().unwrap().to_owned())
        };
        assert!(place("one").is_some() && place("one") != place("two"));
        let empty = scatter_chart(&ScatterChart::default()).svg().unwrap();
        assert!(empty.contains("no data"));
    }
}
