//! A comparison of strategies as plain text: tables, and what they come to in words that a minister can read.

use std::fmt::Write;

use serde::Serialize;

use super::DISCLAIMER;
use crate::experiment::compare::{
    Change, Comparison, Efficiency, FuturesResult, MetricResult, StrategyResult, Verdict,
};

/// The comparison as JSON, with the notice.
#[derive(Serialize)]
struct Document<'a> {
    simulated: bool,
    notice: &'a str,
    version: &'a str,
    #[serde(flatten)]
    comparison: &'a Comparison,
}

/// The whole comparison as JSON.
pub fn json(comparison: &Comparison) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let document = Document { simulated: true, notice: DISCLAIMER, version, comparison };
    // Printing what is in memory does not fail; a map key that is no text would, and there is none.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

/// The whole comparison as text, up to about 120 characters a line.
pub fn text(comparison: &Comparison) -> String {
    let mut out = String::new();
    // Writing into a string does not fail.
    let _ = write_all(&mut out, comparison);
    out
}

fn write_all(out: &mut String, comparison: &Comparison) -> std::fmt::Result {
    let baseline = &comparison.strategies[0];
    writeln!(out, "{}", comparison.scenario)?;
    writeln!(out, "Compared with \"{}\" ({}), under the same luck", baseline.0, baseline.1)?;
    write!(out, "{} replications, seed {}", comparison.replications, comparison.seed)?;
    if comparison.scale > 1 {
        write!(out, ", each simulated person stands for {}", comparison.scale)?;
    }
    writeln!(out, "; content {}", comparison.content_hash.get(..16).unwrap_or(&comparison.content_hash))?;
    if comparison.drawn > 0 {
        writeln!(
            out,
            "Numbers that each replication draws within the ranges stated for them, alike under every strategy: {}",
            comparison.drawn
        )?;
    }
    writeln!(
        out,
        "All intervals of a table hold together at {:.0} %; \"better\" is the share of replications, ties half",
        100.0 * comparison.level
    )?;
    for metric in &comparison.metrics {
        table(out, metric)?;
    }
    efficiency(out, comparison)?;
    worst_off(out, comparison)?;
    firings(out, comparison)?;
    if let Some(futures) = &comparison.futures {
        write_futures(out, comparison, futures)?;
    }
    composite(out, comparison)?;
    writeln!(out, "\nIn words")?;
    for (index, (name, title)) in comparison.strategies.iter().enumerate().skip(1) {
        writeln!(out, "  {name} ({title}): {}", words(comparison, index))?;
    }
    for warning in &comparison.warnings {
        writeln!(out, "  Note: {warning}.")?;
    }
    Ok(())
}

fn table(out: &mut String, metric: &MetricResult) -> std::fmt::Result {
    let direction = match metric.lower_is_better {
        Some(true) => ", less is better",
        Some(false) => ", more is better",
        None => "",
    };
    writeln!(out, "\n{} ({}), {}{direction}", metric.name, metric.id, metric.unit)?;
    if metric.strategies.is_empty() {
        return writeln!(out, "  no replication has a value under every strategy");
    }
    writeln!(
        out,
        "  {:<22} {:>13} {:>27} {:>13} {:>7} {:>27} {:>7}",
        "", "mean", "5 to 95 % of replications", "change", "", "interval", "better"
    )?;
    for row in &metric.strategies {
        let spread = range(row.value.p05, row.value.p95);
        write!(out, "  {:<22} {:>13} {spread:>27}", row.strategy, number(row.value.mean))?;
        if let Some(change) = &row.change {
            let relative = change.relative.map_or(String::new(), percent_more);
            let interval = match (change.verdict, change.low, change.high) {
                (Verdict::Same, ..) => "the same".to_owned(),
                (_, Some(low), Some(high)) => range(low, high),
                _ => "too few runs".to_owned(),
            };
            let better = change.better.map_or(String::new(), |b| format!("{:.0} %", 100.0 * b[0]));
            write!(out, " {:>13} {relative:>7} {interval:>27} {better:>7}", signed(change.spread.mean))?;
            write!(out, "  {}", verdict(change))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn verdict(change: &Change) -> &'static str {
    match change.verdict {
        Verdict::Better => "better",
        Verdict::Worse => "WORSE",
        Verdict::More => "more",
        Verdict::Fewer => "fewer",
        Verdict::Unclear => "not clear",
        Verdict::Same => "",
        Verdict::TooFew => "not known",
    }
}

fn efficiency(out: &mut String, comparison: &Comparison) -> std::fmt::Result {
    if comparison.efficiency.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\nCost and what it buys (M41, M42): mean over replications; costs are those stated in the scenario only"
    )?;
    let averted = format!("{} days less", comparison.aim.word());
    writeln!(out, "  {:<22} {:>15} {averted:>17} {:>13} {:>23}", "", "extra USD", "USD a day", "interval")?;
    for row in &comparison.efficiency {
        let per_day = match row.usd_per_day_averted {
            Some(usd) => number(usd),
            None if row.extra_cost_usd <= 0.0 && row.averted > 0.0 => "costs nothing".into(),
            None => "not defined".into(),
        };
        let interval = row.interval.map_or(String::new(), |(low, high)| range(low, high));
        write!(out, "  {:<22} {:>15} {:>17}", row.strategy, signed(row.extra_cost_usd), signed(row.averted))?;
        write!(out, " {per_day:>13} {interval:>23}")?;
        if !row.dominated_by.is_empty() {
            write!(out, "  dominated by {}", dominators(comparison, row).join(", "))?;
        } else if let (Some(usd), Some(to)) = (row.incremental_usd, &row.incremental_to) {
            write!(out, "  beside {to}: {} USD for each further day", number(usd))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// The strategies that dominate that of `row`: on average it costs no less and leaves no fewer stuck than each of them.
fn dominators(comparison: &Comparison, row: &Efficiency) -> Vec<String> {
    let harms =
        |name: &String| comparison.worst_off.iter().any(|w| w.strategy == *name && w.harmed_while_mean_improves);
    let told = |name: &String| format!("{name}{}", if harms(name) { " (which harms the worst off)" } else { "" });
    row.dominated_by.iter().map(told).collect()
}

fn worst_off(out: &mut String, comparison: &Comparison) -> std::fmt::Result {
    let Some(first) = comparison.worst_off.first() else { return Ok(()) };
    writeln!(
        out,
        "\nWorst off under {}: {}, {:.1} days stranded or trapped per person. Means over replications of one group, with the interval",
        comparison.strategies[0].0, first.group, first.baseline_days
    )?;
    writeln!(out, "of the change; M39 is the mean over replications of whichever group is worst off in each")?;
    let interval =
        |change: Option<(f64, f64)>| change.map_or("too few runs".to_owned(), |(low, high)| range(low, high));
    for row in &comparison.worst_off {
        write!(out, "  {:<22} {}: {:.1} days ({})", row.strategy, row.group, row.days, interval(row.change))?;
        if row.group_now != row.group {
            let change = interval(row.change_now);
            write!(out, "; worst off now: {}, {:.1} days ({change})", row.group_now, row.days_now)?;
        }
        if row.harmed_while_mean_improves {
            write!(out, "  HARMS THE WORST OFF while it helps on average")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn firings(out: &mut String, comparison: &Comparison) -> std::fmt::Result {
    if !comparison.firings.is_empty() {
        writeln!(out, "\nTriggers: how often they fired, when, and how long before the peak of people stranded")?;
    }
    for row in &comparison.firings {
        write!(out, "  {:<22} {}, {}: in {:.0} %", row.strategy, row.starts, row.condition, 100.0 * row.share)?;
        if let Some([early, median, late]) = &row.dates {
            write!(out, ", {median} ({early} to {late})")?;
        }
        if let Some(days) = row.lead_days {
            let (days, side) = (days.abs(), if days < 0.0 { "after" } else { "before" });
            write!(out, ", {days:.0} days {side} the peak")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn write_futures(out: &mut String, comparison: &Comparison, futures: &FuturesResult) -> std::fmt::Result {
    writeln!(
        out,
        "\nUncertain futures: {} points of a Latin hypercube, {} replications each, over",
        futures.points.len(),
        futures.replications
    )?;
    for (parameter, low, high) in &futures.ranges {
        writeln!(out, "  {parameter} from {low} to {high}")?;
    }
    if !futures.any_difference {
        writeln!(
            out,
            "  These ranges change no figure in this scenario: what follows says nothing of how the order holds"
        )?;
    }
    for (id, rows) in &futures.metrics {
        let name = comparison.metrics.iter().find(|m| m.id == *id).map_or(*id, |m| m.name);
        let least = rows.iter().map(|r| r.greatest_regret).fold(f64::INFINITY, f64::min);
        writeln!(out, "  {name} ({id}): regret, that is how much worse than the best strategy of that future")?;
        for row in rows {
            write!(
                out,
                "    {:<20} greatest {:>13} (future {}), mean {:>13}, best in {:.0} %",
                row.strategy,
                number(row.greatest_regret),
                row.in_future,
                number(row.mean_regret),
                100.0 * row.best_share
            )?;
            if let Some(better) = row.better_share {
                write!(out, ", better than {} in {:.0} %", comparison.strategies[0].0, 100.0 * better)?;
            }
            writeln!(out, "{}", if row.greatest_regret == least { "  least regret" } else { "" })?;
        }
    }
    Ok(())
}

fn composite(out: &mut String, comparison: &Comparison) -> std::fmt::Result {
    let Some(result) = &comparison.composite else { return Ok(()) };
    let weights: Vec<String> = result.weights.iter().map(|(id, w)| format!("{id} {:.0} %", 100.0 * w)).collect();
    writeln!(out, "\nComposite, on request: {} (0: best in all of them, 1: worst in all)", weights.join(", "))?;
    for (place, (strategy, score)) in result.ranking.iter().enumerate() {
        writeln!(out, "  {}. {strategy:<20} {score:.3}", place + 1)?;
    }
    writeln!(
        out,
        "  The first stays first under {:.0} % of all possible weights ({:.0} % within a factor of 2 of these), the whole \
         ranking under {:.0} % ({:.0} %).",
        100.0 * result.first_survives_any,
        100.0 * result.first_survives_near,
        100.0 * result.ranking_survives_any,
        100.0 * result.ranking_survives_near
    )
}

/// What strategy `index` comes to, in words.
fn words(comparison: &Comparison, index: usize) -> String {
    let mut sentences = Vec::new();
    for id in ["M03", "M07", "M19", "M01_home"] {
        let metric = comparison.metrics.iter().find(|m| m.id == id);
        if let Some((metric, row)) = metric.and_then(|m| Some((m, m.strategies.get(index)?))) {
            sentences.extend(sentence(metric, row, comparison.replications));
        }
    }
    let name = &comparison.strategies[index].0;
    if let Some(row) = comparison.efficiency.iter().find(|e| e.strategy == *name) {
        let cost = if row.extra_cost_usd == 0.0 {
            "no stated cost beyond the baseline's".to_owned()
        } else if row.extra_cost_usd > 0.0 {
            format!("USD {} more", number(row.extra_cost_usd))
        } else {
            format!("USD {} less", number(-row.extra_cost_usd))
        };
        let word = comparison.aim.word();
        let per_day =
            row.usd_per_day_averted.map(|usd| format!(", or USD {} for each {word} day averted", number(usd)));
        sentences.push(format!("cost: {cost}{}", per_day.unwrap_or_default()));
        if !row.dominated_by.is_empty() {
            let others = dominators(comparison, row).join(" and ");
            sentences.push(format!("on average it costs no less and leaves no fewer {word} than {others}"));
        }
    }
    if comparison.worst_off.iter().any(|w| w.strategy == *name && w.harmed_while_mean_improves) {
        sentences.push("it harms those who are worst off, see below".to_owned());
    }
    let text = sentences.join("; ");
    format!("{text}.")
}

/// What a metric comes to under one strategy, with its range and how sure that is.
fn sentence(metric: &MetricResult, row: &StrategyResult, replications: u32) -> Option<String> {
    let change = row.change.as_ref()?;
    let name = metric.name.to_lowercase();
    let (low, high) = match (change.verdict, change.low, change.high) {
        (Verdict::Same, ..) => return Some(format!("{name}: no change")),
        (Verdict::Unclear, Some(low), Some(high)) => {
            return Some(format!("{name}: no clear change (between {} and {})", signed(low), signed(high)));
        }
        (_, Some(low), Some(high)) => (low, high),
        _ => return Some(format!("{name}: too few of {replications} replications differ to say")),
    };
    let direction = if change.spread.mean < 0.0 { "fewer" } else { "more" };
    let (least, most) = if change.spread.mean < 0.0 { (-high, -low) } else { (low, high) };
    let relative = change
        .relative
        .map_or(String::new(), |r| format!(", {}", percent_more(r).replace(['+', '-'], "").replace('<', ">")));
    Some(format!(
        "{name}: {} {direction}{relative} (between {} and {})",
        number(change.spread.mean.abs()),
        number(least),
        number(most)
    ))
}

/// A change as whole percentage with its sign; of ten times and more, only that.
fn percent_more(share: f64) -> String {
    if share.abs() < 9.995 {
        format!("{:+.0} %", 100.0 * share)
    } else {
        format!("{}999 %", if share > 0.0 { ">+" } else { "<-" })
    }
}

/// `low to high`.
fn range(low: f64, high: f64) -> String {
    format!("{} to {}", number(low), number(high))
}

/// With its sign.
fn signed(value: f64) -> String {
    let text = number(value);
    if value > 0.0 && text != "0" { format!("+{text}") } else { text }
}

/// Whole from 100 on, with commas between thousands; three digits that count below, of what is below a tenth the first two, as far as
/// the sixth place.
pub fn number(value: f64) -> String {
    if !value.is_finite() {
        return "-".to_owned();
    }
    let size = value.abs();
    let decimals = match size {
        _ if size == 0.0 || size >= 100.0 => 0,
        _ if size >= 10.0 => 1,
        _ if size >= 1.0 => 2,
        _ if size >= 0.0095 => 3,
        _ if size >= 5e-7 => ((-size.log10()).ceil() as usize + 1).min(6),
        _ => 0,
    };
    let text = format!("{size:.decimals$}");
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), ""), |(w, f)| (w, f));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let zero = !text.contains(|c: char| ('1'..='9').contains(&c));
    let sign = if value < 0.0 && !zero { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{grouped}{point}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::{number, percent_more, signed};

    #[test]
    fn a_change_from_next_to_nothing_is_not_a_percentage_of_it() {
        assert_eq!((percent_more(0.5).as_str(), percent_more(-0.804).as_str()), ("+50 %", "-80 %"));
        assert_eq!((percent_more(2110.03).as_str(), percent_more(-50.0).as_str()), (">+999 %", "<-999 %"));
        assert_eq!((signed(1e-9).as_str(), signed(0.0004).as_str()), ("0", "+0.00040"));
    }

    #[test]
    fn numbers_are_grouped_and_keep_three_digits() {
        for (value, expected) in [
            (0.0, "0"),
            (1234567.4, "1,234,567"),
            (-1234.0, "-1,234"),
            (999.6, "1,000"),
            (12.345, "12.3"),
            (-1.5, "-1.50"),
            (0.0213, "0.021"),
            (0.00123, "0.0012"),
            (-0.00042, "-0.00042"),
            (0.0000061, "0.000006"),
            (-1e-9, "0"),
            (f64::NAN, "-"),
        ] {
            assert_eq!(number(value), expected);
        }
    }
}
