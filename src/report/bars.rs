//! A chart of horizontal bars with whiskers.

use super::picture::{
    Align, Captions, GREY, HEIGHT, INK, MARGIN, PALETTE, Picture, RULE, Type, WHITE, WIDTH, faint, fit, text_width,
};
use super::ticks::{round_ticks, short, tick_labels};

/// Horizontal bars from zero, with whiskers; one for each strategy, for example.
#[derive(Debug, Clone, Default)]
pub struct BarChart {
    /// What is shown, in one sentence.
    pub title: String,
    /// Where, when, for whom; what a whisker is.
    pub subtitle: String,
    /// Title of the horizontal axis with its unit, e.g. `Stranded (person-days)`.
    pub x_title: String,
    /// Line at the foot: scenario, strategy, seed, number of runs.
    pub note: String,
    /// The bars, from the top down.
    pub bars: Vec<Bar>,
    /// Words that the chart itself puts on the sheet.
    pub captions: Captions,
}

/// One bar. A value that is not finite leaves the row empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bar {
    /// Name at its left.
    pub name: String,
    /// Where the bar ends.
    pub value: f64,
    /// Lower and upper end of the whisker (usually 5 and 95 %).
    pub range: Option<(f64, f64)>,
    /// Drawn hatched and in another colour: the one that others are compared with.
    pub reference: bool,
}

/// Draws a [`BarChart`]. A chart without data is a sheet that says so.
pub fn bar_chart(chart: &BarChart) -> Picture {
    let rows = chart.bars.len();
    let row = (520.0 / rows.max(1) as f64).clamp(26.0, 74.0);
    let mut height = if rows > 20 { HEIGHT + 26.0 * (rows - 20) as f64 } else { HEIGHT };
    if rows < 7 {
        height -= 520.0 - row * rows.max(3) as f64;
    }
    let (mut picture, (top, bottom)) =
        Picture::sheet(&chart.title, &chart.subtitle, &chart.note, height, &chart.captions);
    let finite = |bar: &Bar| {
        let (low, high) = whisker(bar).unwrap_or((bar.value, bar.value));
        bar.value.is_finite().then_some((bar.value.min(low), bar.value.max(high)))
    };
    let ranges: Vec<_> = chart.bars.iter().filter_map(finite).collect();
    if ranges.is_empty() {
        picture.text(
            &chart.captions.no_data,
            (WIDTH / 2.0, (top + bottom) / 2.0),
            Type::new(18.0, GREY).align(Align::Middle),
        );
        return picture;
    }
    let (low, high) = ranges.iter().fold((0f64, 0f64), |(l, h), (a, b)| (l.min(*a), h.max(*b)));
    let ticks = round_ticks(low, high, 7);
    let (first, last) = (ticks[0], ticks[ticks.len() - 1]);
    let label = Type::new(14.0, INK).align(Align::Right);
    let widest = chart.bars.iter().map(|b| text_width(&b.name, label.size, b.reference)).fold(0.0, f64::max);
    // The largest value is written beyond its bar.
    let left = MARGIN + widest.min(330.0) + 12.0;
    let right = WIDTH - MARGIN - 84.0;
    let x = |value: f64| left + (value - first) / (last - first) * (right - left);
    let (top, floor) = (top + 12.0, bottom - 44.0);
    let row = ((floor - top) / rows as f64).min(74.0);
    let floor = top + row * rows as f64;

    let small = Type::new(12.5, GREY).align(Align::Middle);
    for (tick, text) in ticks.iter().zip(tick_labels(&ticks)) {
        let (width, color) = if *tick == 0.0 { (1.4, GREY) } else { (1.0, RULE) };
        picture.line(&[(x(*tick), top), (x(*tick), floor)], width, color);
        picture.text(&text, (x(*tick), floor + 17.0), small);
    }
    let title = fit(&chart.x_title, 13.5, false, WIDTH - 2.0 * MARGIN);
    picture.text(&title, ((left + right) / 2.0, floor + 38.0), Type::new(13.5, INK).align(Align::Middle));

    for (k, bar) in chart.bars.iter().enumerate() {
        let middle = top + (k as f64 + 0.5) * row;
        let half = (0.33 * row).min(17.0);
        let name = Type { bold: bar.reference, ..label };
        let text = fit(&bar.name, name.size, name.bold, left - 12.0 - MARGIN);
        picture.text(&text, (left - 10.0, middle + name.half_height()), name);
        if !bar.value.is_finite() {
            picture.text(&chart.captions.no_data, (x(0.0) + 8.0, middle + name.half_height()), Type::new(12.5, GREY));
            continue;
        }
        let (from, to) = (x(0.0).min(x(bar.value)), x(0.0).max(x(bar.value)));
        let color = if bar.reference { GREY } else { PALETTE[0] };
        picture.rectangle((from, middle - half), (to, middle + half), color);
        if bar.reference {
            let mut stripe = from + 6.0;
            while stripe < to - 2.0 {
                let upper = (stripe + half).min(to);
                picture.line(
                    &[(stripe, middle + half), (upper, middle + half - 2.0 * (upper - stripe))],
                    1.2,
                    faint(WHITE, 0.7),
                );
                stripe += 10.0;
            }
        }
        let mut end = if bar.value < 0.0 { from } else { to };
        if let Some((low, high)) = whisker(bar) {
            for (width, color) in [(4.4, WHITE), (1.8, INK)] {
                picture.line(&[(x(low), middle), (x(high), middle)], width, color);
                for cap in [low, high] {
                    picture.line(&[(x(cap), middle - 6.0), (x(cap), middle + 6.0)], width, color);
                }
            }
            end = if bar.value < 0.0 { end.min(x(low)) } else { end.max(x(high)) };
        }
        let text = short(bar.value);
        let number = Type::new(13.5, INK).bold();
        let (at, align) = if bar.value < 0.0 && end - left > 60.0 {
            (end - 8.0, Align::Right)
        } else {
            (end.max(x(0.0)) + 8.0, Align::Left)
        };
        picture.text(&text, (at, middle + number.half_height()), number.align(align));
    }
    picture
}

/// The whisker in ascending order, if both ends are finite.
fn whisker(bar: &Bar) -> Option<(f64, f64)> {
    bar.range.filter(|(a, b)| a.is_finite() && b.is_finite()).map(|(a, b)| (a.min(b), a.max(b)))
}
