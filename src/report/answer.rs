//! The answer of a run in plain words, for one screen: at most 24 lines of 100 characters.

use crate::engine::Counts;
use crate::outcome::metrics::date;
use crate::outcome::observe::Spot;

use super::{DISCLAIMER, RunReport};
use crate::outcome::record::{self, fit};
use crate::outcome::spread::Spread;
use crate::outcome::watch::Replication;

/// Characters in a line.
pub const WIDTH: usize = 100;
/// Lines of the answer.
pub const LINES: usize = 24;
/// Places named, at most.
const PLACES: usize = 3;
/// Stands between thousands until lines are broken.
const HARD_BLANK: char = '\u{a0}';

/// Who got out, who is stuck where and for how long, who died, beside the record where there is one. Ends with a line end.
pub fn answer(run: &RunReport<'_>) -> String {
    let mut lines = Vec::new();
    let runs = match run.replications.len() {
        1 => "1 run".to_owned(),
        more => format!("{more} runs: median (range of nine in ten)"),
    };
    let last = date(run.world, run.first.days.len().saturating_sub(1));
    paragraph(&mut lines, "", &run.world.title, 1);
    let what = format!("Strategy '{}', {} to {last}, seed {}, {runs}.", run.world.strategy, run.world.start, run.seed);
    paragraph(&mut lines, "", &what, 2);
    paragraph(&mut lines, "Got out   ", &got_out(run), 2);
    paragraph(&mut lines, "Stuck     ", &stuck(run), 2);
    paragraph(&mut lines, "Where     ", &stuck_where(run), 2);
    paragraph(&mut lines, "How long  ", &how_long(run), 2);
    paragraph(&mut lines, "Harm      ", &harm(run), 2);
    paragraph(&mut lines, "Helped    ", &helped(run), 2);
    if !run.world.response.cares.is_empty() {
        paragraph(&mut lines, "Needs     ", &needs(run), 1);
    }
    if !run.world.cycles.is_empty() {
        paragraph(&mut lines, "Seasons   ", &seasons(run), 1);
    }
    if !run.world.response.triggers.is_empty() {
        paragraph(&mut lines, "Triggers  ", &triggers(run), 2);
    }
    let mut foot = Vec::new();
    paragraph(&mut foot, "", DISCLAIMER, 3);
    beside_the_record(run, &mut lines, LINES - foot.len());
    lines.extend(foot);
    lines.join("\n").replace(HARD_BLANK, " ") + "\n"
}

/// Adds `text` after `label`, broken into at most `most` lines that begin below the text.
fn paragraph(lines: &mut Vec<String>, label: &str, text: &str, most: usize) {
    let indent = " ".repeat(label.chars().count());
    let mut line = label.to_owned();
    let mut broken = Vec::new();
    for word in text.split([' ', '\n']).filter(|word| !word.is_empty()) {
        let fresh = line.trim().is_empty() || line == label;
        if !fresh && line.chars().count() + 1 + word.chars().count() > WIDTH {
            broken.push(std::mem::replace(&mut line, indent.clone()));
            line.push_str(word);
        } else {
            if !fresh {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    broken.push(line);
    let cut = broken.len() > most;
    broken.truncate(most);
    if let Some(last) = broken.last_mut() {
        if cut {
            *last = last.chars().take(WIDTH - 3).chain("...".chars()).collect();
        }
        *last = last.chars().take(WIDTH).collect();
    }
    lines.extend(broken);
}

fn spread(run: &RunReport<'_>, id: &str) -> Option<Spread> {
    Spread::of(run.replications.iter().filter_map(|r| r.measured.overall(id)))
}

/// A metric with its range, or a dash where it has no value.
fn figure(run: &RunReport<'_>, id: &str) -> String {
    spread(run, id).map_or("-".to_owned(), |s| ranged(run, s))
}

fn ranged(run: &RunReport<'_>, spread: Spread) -> String {
    let (low, high) = (words(spread.p05), words(spread.p95));
    if run.replications.len() > 1 && low != high {
        format!("{} ({low} to {high})", words(spread.median))
    } else {
        words(spread.median)
    }
}

/// A number of three digits, thousands apart: `812 000`, `4 350`, `12.3`, `0.25`.
fn words(number: f64) -> String {
    let size = number.abs();
    if size < 99.95 {
        let places = if size >= 9.995 || size.fract() == 0.0 { 1 } else { 2 };
        let text = format!("{number:.places$}");
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    let unit = [1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6, 1e7].into_iter().find(|u| size < 999.5 * u).unwrap_or(1e8);
    let digits = format!("{:.0}", (number / unit).round() * unit);
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position) % 3 == 0 && digit.is_ascii_digit() && !text.ends_with('-') {
            text.push(HARD_BLANK);
        }
        text.push(digit);
    }
    text
}

fn got_out(run: &RunReport<'_>) -> String {
    let scale = f64::from(run.world.scale);
    let all: f64 = run.first.days.last().map_or(0.0, |last| {
        let people = last.settled.iter().chain(&last.state);
        scale * people.map(|n| f64::from(*n)).sum::<f64>()
    });
    let left = format!("{} of {} people left their homes", figure(run, "M01_left"), words(all));
    let home = |r: &Replication| r.measured.overall("M01_home").unwrap_or(0.0);
    let elsewhere = run.replications.iter().filter_map(|r| Some(r.measured.overall("M01_safe")? - home(r)));
    let elsewhere = Spread::of(elsewhere).map_or("-".to_owned(), |s| ranged(run, s));
    match spread(run, "M01_home") {
        Some(home) => format!("{left}; {} reached home; {elsewhere} more are out of harm's way.", ranged(run, home)),
        None => format!("{left}; {elsewhere} are out of harm's way."),
    }
}

fn stuck(run: &RunReport<'_>) -> String {
    let peak = note(run, "M04");
    let when = peak.split(';').next().unwrap_or_default();
    let peak = if when.is_empty() {
        "nobody was stranded at any time".to_owned()
    } else {
        format!("{} stranded (peak {}, {when})", figure(run, "M02"), figure(run, "M04"))
    };
    let most = spread(run, "M07_peak").filter(|most| most.median > 0.0);
    let most = most.map_or(String::new(), |most| format!(" (peak {})", words(most.median)));
    let trapped = figure(run, "M07_end");
    format!("at the end {} wait, {peak}, {trapped} trapped{most}.", figure(run, "M02_waiting"))
}

fn note<'a>(run: &RunReport<'a>, id: &str) -> &'a str {
    run.replications.first().and_then(|r| r.measured.get(id)).map_or("", |value| value.note.as_str())
}

/// Of the first run: places with most stranded person-days, each with its peak; where nobody was stranded, with most trapped
/// person-days.
fn stuck_where(run: &RunReport<'_>) -> String {
    match most_at(run, |counts| &counts.stranded)
        .or_else(|| Some(most_at(run, |counts| &counts.trapped)? + " (trapped)"))
    {
        Some(places) => places + ".",
        None => "nobody was stranded or trapped anywhere.".to_owned(),
    }
}

/// Places with most person-days of a stock by place and group, each with its peak.
fn most_at(run: &RunReport<'_>, stock: impl Fn(&Counts) -> &[u32]) -> Option<String> {
    let scale = f64::from(run.world.scale);
    let persons = |day: usize, place: usize| -> u64 {
        let counts = &run.first.days[day];
        stock(counts)[place * counts.groups..(place + 1) * counts.groups].iter().map(|n| u64::from(*n)).sum()
    };
    let days = 0..run.first.days.len();
    let mut places: Vec<(u64, u64, usize, usize)> = (0..run.world.places.len())
        .map(|place| {
            let series: Vec<u64> = days.clone().map(|day| persons(day, place)).collect();
            let peak = (0..series.len()).rev().max_by_key(|day| series[*day]).unwrap_or(0);
            (series.iter().sum(), series.get(peak).copied().unwrap_or(0), peak, place)
        })
        .filter(|(total, ..)| *total > 0)
        .collect();
    places.sort_by_key(|(total, .., place)| (std::cmp::Reverse(*total), *place));
    if places.is_empty() {
        return None;
    }
    let name = |(_, most, day, place): &(u64, u64, usize, usize)| {
        let (name, most) = (&run.world.places[*place].name, words(*most as f64 * scale));
        format!("{name} (up to {most}, {})", date(run.world, *day))
    };
    let text = |count: usize| {
        let named: Vec<String> = places.iter().take(count).map(name).collect();
        match places.len().saturating_sub(count) {
            0 => named.join("; "),
            more => format!("{}; {more} more places", named.join("; ")),
        }
    };
    // As many as two lines hold.
    (1..=PLACES).rev().map(text).find(|text| text.chars().count() < 2 * WIDTH - 50).or_else(|| Some(text(1)))
}

fn how_long(run: &RunReport<'_>) -> String {
    let days = |id: &str| spread(run, id).map(|s| ranged(run, s));
    let spell = match (days("M05_p50"), days("M05_p90")) {
        (Some(half), Some(tenth)) => {
            format!("half of the stranded for {half} days or less, one in ten for more than {tenth}")
        }
        (Some(half), None) => format!("half of the stranded for {half} days or less; more than one in ten still are"),
        _ if spread(run, "M03").is_some_and(|s| s.p95 > 0.0) => "more than half of the stranded still are".to_owned(),
        _ => "nobody was stranded".to_owned(),
    };
    let worst = note(run, "M39");
    let worst = if worst.is_empty() {
        String::new()
    } else {
        format!("; worst off: {worst}, {} days stranded or trapped a head", figure(run, "M39"))
    };
    format!("{spell}{worst}.")
}

fn harm(run: &RunReport<'_>) -> String {
    let rate = spread(run, "M19_rate").map_or(String::new(), |s| format!(" ({} per 1000 who left)", words(s.median)));
    let rates = [("exploitation", "M16"), ("violence", "M15_violence")];
    let rates: Vec<String> =
        rates.iter().filter_map(|(what, id)| Some(format!("{what} {}", words(spread(run, id)?.median)))).collect();
    let rates = match rates.is_empty() {
        true => String::new(),
        false => format!("; {} per 1000 person-days", rates.join(" and ")),
    };
    format!("{} dead or missing{rate}; {} detained at the end{rates}.", figure(run, "M19"), figure(run, "M18_end"))
}

fn helped(run: &RunReport<'_>) -> String {
    let mut parts = vec![format!("{} seats granted by assistance", figure(run, "M10_assisted"))];
    if let Some(lag) = spread(run, "M45") {
        parts.push(format!("the first {} days after onset", words(lag.median)));
    }
    if let Some(seats) = spread(run, "M11") {
        parts.push(format!("{} % of the seats used", words(100.0 * seats.median)));
    }
    if spread(run, "M40").is_some() {
        parts.push(format!("cost USD {}", figure(run, "M40")));
    }
    parts.join(", ") + "."
}

/// Basic needs at sites, and the service with most people for its places.
fn needs(run: &RunReport<'_>) -> String {
    let unmet = spread(run, "M23")
        .map_or("nobody was at a site".to_owned(), |s| format!("{} % unmet at sites", words(100.0 * s.median)));
    let load =
        spread(run, "M25").map(|s| format!("; most people per place {} ({})", words(s.median), note(run, "M25")));
    format!("{unmet}{}.", load.unwrap_or_default())
}

/// Planned seasonal and nomadic moves that came to nothing.
fn seasons(run: &RunReport<'_>) -> String {
    let share = spread(run, "M44").map_or(String::new(), |s| format!(" ({} %)", words(100.0 * s.median)));
    let late = match spread(run, "M44_late").map(|s| s.median) {
        None => String::new(),
        Some(0.0) => "; at least half of the rest on time".to_owned(),
        Some(days) => format!("; half of the rest at most {} days late", words(days)),
    };
    format!("{} planned seasonal moves missed{share}{late}.", figure(run, "M44_missed"))
}

/// Which triggers fired, when; of several runs how often, and the median day.
fn triggers(run: &RunReport<'_>) -> String {
    let runs = run.replications.len();
    let one = |(t, trigger): (usize, &crate::scenario::world::Trigger)| {
        let days: Vec<f64> =
            run.replications.iter().filter_map(|r| Some(f64::from(r.fired.get(t).copied()??))).collect();
        let often = if runs > 1 { format!(" in {} of {runs} runs", days.len()) } else { String::new() };
        match Spread::of(days) {
            Some(day) => format!("{} fired {}{often}", trigger.name, date(run.world, day.median.round() as usize)),
            None => format!("{} never fired", trigger.name),
        }
    };
    let all: Vec<String> = run.world.response.triggers.iter().enumerate().map(one).collect();
    all.join("; ") + "."
}

/// How well the record is met, and the latest observation of each of its panels, as long as there are fewer than `most` lines.
fn beside_the_record(run: &RunReport<'_>, lines: &mut Vec<String>, most: usize) {
    let compared = run.compared();
    if compared.is_empty() {
        return paragraph(lines, "Record    ", "this scenario holds no record to compare with inside the days run.", 1);
    }
    let percent = |share: Option<f64>| share.map_or("-".to_owned(), |s| words(100.0 * s));
    let all = fit(&compared);
    let held_out = fit(compared.iter().filter(|c| c.fitted == Some(false)));
    let held_out = match held_out.observations {
        0 => String::new(),
        count => format!(" ({} % of the {count} not fitted to)", percent(held_out.median_relative_error)),
    };
    let text = format!("{} figures, median error {} %{held_out}", all.observations, percent(all.median_relative_error));
    let latest = |panel: &usize| {
        let of_panel = compared.iter().zip(&run.watch.observations).filter(|(_, o)| o.observable == *panel);
        of_panel.map(|(c, _)| c).max_by_key(|c| c.row.date)
    };
    let panels: Vec<_> = run.watch.panels.iter().filter_map(|p| Some((p, latest(p)?))).collect();
    let what = panels.first().map_or(String::new(), |(_, one)| {
        format!("; {} ({}):", one.row.measure.as_str().replace('_', " "), record::group_word(&one.row.group))
    });
    paragraph(lines, "Record    ", &(text + &what), 1);
    for (panel, one) in panels.into_iter().take(most.saturating_sub(lines.len())) {
        let spot = run.watch.observables[*panel].spot;
        let name = match spot {
            Spot::Total => "Total".to_owned(),
            Spot::Country(country) => run.world.countries[country].clone(),
            Spot::Place(place) => run.world.places[place].name.clone(),
        };
        let name: String = name.chars().take(20).collect();
        let simulated = ranged(run, one.simulated);
        let text = format!("{name}, {}: simulated {simulated}, recorded {}", one.row.date, words(one.row.value));
        paragraph(lines, "          ", &text, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        let all =
            [(812_345.0, "812 000"), (4_351.0, "4 350"), (12.34, "12.3"), (0.254, "0.25"), (0.0, "0"), (940.0, "940")];
        for (number, text) in all {
            assert_eq!(words(number).replace(HARD_BLANK, " "), text);
        }
        assert_eq!(words(-1_500.0).replace(HARD_BLANK, " "), "-1 500");
        assert_eq!(words(1_234_567.0).replace(HARD_BLANK, " "), "1 230 000");
    }

    #[test]
    fn paragraphs_stay_within_the_width() {
        let mut lines = Vec::new();
        paragraph(&mut lines, "Label     ", &"word ".repeat(60), 2);
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH));
        assert!(lines[0].starts_with("Label     word") && lines[1].starts_with("          word"));
        assert!(lines[1].ends_with("..."));
    }
}
