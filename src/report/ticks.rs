//! Where the ticks of an axis stand and what they say.

use chrono::{Datelike, Days, Months, NaiveDate};

/// Thin space, which separates thousands.
const THIN: char = '\u{2009}';

/// Round steps (1, 2 or 5 times a power of ten) from at or below `low` to at or above `high`, about `count` of them.
/// Always at least two; a range without extent gets one.
pub(super) fn round_ticks(low: f64, high: f64, count: usize) -> Vec<f64> {
    let (low, high) = if low.is_finite() && high.is_finite() && low < high { (low, high) } else { around(low) };
    let rough = (high - low) / count.max(1) as f64;
    let power = 10f64.powf(rough.log10().floor());
    let step =
        [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= rough * 0.999).unwrap_or(10.0 * power);
    let (first, last) = ((low / step + 1e-9).floor() as i64, (high / step - 1e-9).ceil() as i64);
    (first..=last.max(first + 1)).map(|k| k as f64 * step).collect()
}

fn around(value: f64) -> (f64, f64) {
    if !value.is_finite() || value == 0.0 {
        (0.0, 1.0)
    } else if value > 0.0 {
        (0.0, value)
    } else {
        (value, 0.0)
    }
}

/// What ticks on one axis say: plain below 10 000 (`2 000`), in thousands (`20k`) or millions (`1.5M`) from there on.
pub(super) fn tick_labels(ticks: &[f64]) -> Vec<String> {
    let largest = ticks.iter().fold(0f64, |m, t| m.max(t.abs()));
    let step = ticks.windows(2).map(|w| w[1] - w[0]).fold(f64::INFINITY, f64::min);
    let (unit, sign) = match largest {
        l if l >= 1e10 => (1e9, "bn"),
        l if l >= 1e6 => (1e6, "M"),
        l if l >= 1e4 => (1e3, "k"),
        _ => (1.0, ""),
    };
    let places =
        if step.is_finite() && step > 0.0 { (-(step / unit).log10().floor()).clamp(0.0, 6.0) as usize } else { 0 };
    let label = |t: &f64| if *t == 0.0 { "0".to_owned() } else { format!("{}{sign}", grouped(t / unit, places)) };
    ticks.iter().map(label).collect()
}

/// `value` with `places` decimals and thin spaces between groups of three digits.
pub(super) fn grouped(value: f64, places: usize) -> String {
    let text = format!("{:.places$}", value.abs());
    let (whole, decimals) = text.split_once('.').map_or((text.as_str(), None), |(w, d)| (w, Some(d)));
    let mut result = String::new();
    if value < 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
        result.push('−');
    }
    for (k, digit) in whole.chars().enumerate() {
        if k > 0 && (whole.len() - k) % 3 == 0 {
            result.push(THIN);
        }
        result.push(digit);
    }
    if let Some(decimals) = decimals {
        result.push('.');
        result.push_str(decimals);
    }
    result
}

/// `value` for a reader: three significant digits, `0.25`, `12.3`, `940`, `9 400`, `143k`, `1.23M`.
pub fn short(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let size = value.abs();
    if size >= 9.995e5 {
        let (unit, sign) = if size >= 9.995e8 { (1e9, "bn") } else { (1e6, "M") };
        format!("{}{sign}", significant(value / unit))
    } else if size >= 9.995e3 {
        format!("{}k", significant(value / 1e3))
    } else if size >= 99.5 {
        grouped(if size >= 1000.0 { (value / 10.0).round() * 10.0 } else { value }, 0)
    } else {
        significant(value)
    }
}

fn significant(value: f64) -> String {
    let size = value.abs();
    let places = if size >= 99.95 {
        0
    } else if size >= 9.995 {
        1
    } else {
        2
    };
    let text = grouped(value, places);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Ticks of a date axis from `first` to `last`: at most `count`, on days that people name (firsts of months, 1, 8, 15 and
/// 22, ...), each with its label and, at the first tick and where a year begins, the year. `months` are the short names of months.
pub(super) fn date_ticks(
    first: NaiveDate,
    last: NaiveDate,
    count: usize,
    months: &[String; 12],
) -> Vec<(NaiveDate, String, Option<i32>)> {
    let month = |number: u32| months[(number as usize + 11) % 12].as_str();
    let count = count.max(2);
    let all_days = || first.iter_days().take_while(|d| *d <= last);
    let days = last.signed_duration_since(first).num_days() + 1;
    // Days: within a month on given days only, so that ticks fall on the same days of each month.
    let choices: [(&[u32], i64); 5] =
        [(&[], 1), (&[1, 4, 7, 10, 13, 16, 19, 22, 25], 3), (&[1, 8, 15, 22], 8), (&[1, 15], 15), (&[1], 30)];
    for (on, every) in choices {
        if days <= every * count as i64 {
            let chosen = all_days().filter(|d| on.is_empty() || on.contains(&d.day()));
            let ticks: Vec<_> = chosen.map(|d| (d, format!("{} {}", d.day(), month(d.month())))).collect();
            if !ticks.is_empty() {
                return with_years(ticks);
            }
        }
    }
    for step in [1, 2, 3, 6] {
        if days <= step * 31 * count as i64 {
            let start = NaiveDate::from_ymd_opt(first.year(), 1, 1);
            let firsts = (0..).map_while(|k| start?.checked_add_months(Months::new(k * step as u32)));
            let firsts = firsts.skip_while(|d| *d < first).take_while(|d| *d <= last);
            return with_years(firsts.map(|d| (d, month(d.month()).to_owned())).collect());
        }
    }
    let years = f64::from(last.year() - first.year());
    let step = round_ticks(0.0, years, count - 1).get(1).map_or(1, |s| s.max(1.0) as i32);
    (first.year()..=last.year())
        .filter(|y| y.rem_euclid(step) == 0)
        .filter_map(|y| NaiveDate::from_ymd_opt(y, 1, 1))
        .filter(|d| *d >= first)
        .map(|d| (d, d.year().to_string(), None))
        .collect()
}

fn with_years(ticks: Vec<(NaiveDate, String)>) -> Vec<(NaiveDate, String, Option<i32>)> {
    let mut year = None;
    let mut result = Vec::new();
    for (date, label) in ticks {
        let new = (year != Some(date.year())).then_some(date.year());
        year = Some(date.year());
        result.push((date, label, new));
    }
    result
}

/// A day before and after a range of one day, so that it has an extent.
pub(super) fn widened((first, last): (NaiveDate, NaiveDate)) -> (NaiveDate, NaiveDate) {
    if first < last {
        return (first, last);
    }
    let day = Days::new(1);
    (first.checked_sub_days(day).unwrap_or(first), last.checked_add_days(day).unwrap_or(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn english() -> [String; 12] {
        crate::report::picture::Captions::default().months
    }

    #[test]
    fn ticks_are_round_and_hold_the_range() {
        assert_eq!(round_ticks(0.0, 937.0, 5), [0.0, 200.0, 400.0, 600.0, 800.0, 1000.0]);
        assert_eq!(round_ticks(0.0, 0.0, 5).first(), Some(&0.0));
        assert_eq!(round_ticks(-3.0, 4.0, 4), [-4.0, -2.0, 0.0, 2.0, 4.0]);
        assert!(round_ticks(f64::NAN, 1.0, 5).len() >= 2);
    }

    #[test]
    fn numbers_are_easy_to_read() {
        assert_eq!(tick_labels(&[0.0, 2000.0, 4000.0]), ["0", "2\u{2009}000", "4\u{2009}000"]);
        assert_eq!(tick_labels(&[0.0, 50_000.0, 100_000.0]), ["0", "50k", "100k"]);
        assert_eq!(tick_labels(&[0.0, 0.5, 1.0]), ["0", "0.5", "1.0"]);
        assert_eq!(tick_labels(&[0.0, 500_000.0, 1_000_000.0, 1_500_000.0]), ["0", "0.5M", "1.0M", "1.5M"]);
        let read = [0.0, 0.25, 12.34, 943.0, 9_437.0, 143_210.0, 999_700.0, 1_234_000.0, -350.0];
        let short: Vec<String> = read.into_iter().map(short).collect();
        assert_eq!(short, ["0", "0.25", "12.3", "943", "9\u{2009}440", "143k", "1M", "1.23M", "−350"]);
    }

    #[test]
    fn dates_fall_on_days_people_name() {
        let labels = |a, b, n| date_ticks(day(a), day(b), n, &english()).into_iter().map(|t| t.1).collect::<Vec<_>>();
        assert_eq!(labels("2011-02-16", "2011-06-30", 6), ["1 Mar", "1 Apr", "1 May", "1 Jun"]);
        assert_eq!(labels("2011-02-20", "2011-03-16", 6), ["22 Feb", "1 Mar", "8 Mar", "15 Mar"]);
        assert_eq!(labels("2011-02-20", "2011-02-22", 6), ["20 Feb", "21 Feb", "22 Feb"]);
        assert_eq!(labels("2010-11-20", "2012-03-01", 10)[..3], ["Jan", "Mar", "May"]);
        assert_eq!(labels("1990-05-01", "2024-03-01", 5), ["2000", "2010", "2020"]);
        let years: Vec<_> =
            date_ticks(day("2011-12-20"), day("2012-01-20"), 8, &english()).into_iter().map(|t| t.2).collect();
        assert_eq!(years, [Some(2011), Some(2012), None, None]);
    }

    #[test]
    fn any_range_of_dates_gives_few_ticks() {
        for days in [0, 1, 5, 13, 40, 200, 365, 800, 4000, 40_000] {
            let (first, last) = widened((day("2003-01-31"), day("2003-01-31") + Days::new(days)));
            let ticks = date_ticks(first, last, 7, &english());
            assert!(ticks.len() <= 9, "{days} days: {} ticks", ticks.len());
            assert!(ticks.iter().all(|t| first <= t.0 && t.0 <= last));
        }
    }
}
