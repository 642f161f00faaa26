//! Uncertain futures: ranges of parameters that nobody knows, points spread over them, and how much a strategy can be regretted.

use std::path::Path;

use rand_philox::Philox;
use toml::de::{DeTable, DeValue};

use crate::scenario::keys::{Document, number};
use crate::scenario::parameters::{Parameters, info};
use crate::scenario::problem::{At, Problems};

/// A parameter, and the range in which its value may lie.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// Section and key, e.g. `departure.conflict`.
    pub parameter: String,
    /// Least value.
    pub low: f64,
    /// Greatest value.
    pub high: f64,
}

/// Most ranges that a file may have.
const MOST: usize = 64;

/// Reads the ranges of a file of `[[range]]` tables with the keys `parameter`, `low` and `high`.
pub fn read(path: &Path) -> Result<Vec<Range>, Problems> {
    let file = path.display().to_string();
    match std::fs::read(path) {
        Ok(bytes) => parse(&file, &bytes),
        Err(error) => {
            let mut problems = Problems::default();
            let at = At { file: &file, ..At::default() };
            problems.error(at, format!("the file cannot be read: {error}"), "name a file of [[range]] tables");
            Err(problems)
        }
    }
}

/// The ranges in `bytes`, the content of `file`.
fn parse(file: &str, bytes: &[u8]) -> Result<Vec<Range>, Problems> {
    let mut problems = Problems::default();
    let ranges =
        Document::parse(file, bytes, &mut problems).map(|(document, top)| ranges(&document, &top, &mut problems));
    problems.into_result(ranges.unwrap_or_default()).map(|(ranges, _)| ranges)
}

fn ranges(document: &Document<'_>, top: &DeTable<'_>, problems: &mut Problems) -> Vec<Range> {
    let mut ranges: Vec<Range> = Vec::new();
    for entry in top.iter().filter(|(key, _)| key.get_ref() != "range") {
        document.unknown(problems, entry.0.get_ref(), entry, &["range"]);
    }
    let whole = At { file: document.file, ..At::default() };
    let Some(entry) = top.get_key_value("range") else {
        problems.error(whole, "there is no [[range]]", "write [[range]] and its keys parameter, low and high below");
        return ranges;
    };
    let DeValue::Array(list) = entry.1.get_ref() else {
        document.error(problems, "range", entry, "ranges are a list of tables", "write [[range]] and its keys below");
        return ranges;
    };
    if list.len() > MOST {
        problems.error(
            whole,
            format!("there are {} ranges; at most {MOST} are possible", list.len()),
            "leave some out",
        );
        return ranges;
    }
    for item in list.iter() {
        let DeValue::Table(table) = item.get_ref() else {
            document.error(
                problems,
                "range",
                (entry.0, item),
                "a range is a table of keys",
                "write [[range]] and its keys below",
            );
            continue;
        };
        if let Some(range) = range(document, table, item.span().start, problems) {
            if ranges.iter().any(|r| r.parameter == range.parameter) {
                let (line, _) = document.position(item.span().start);
                let at = At { file: document.file, line, column: "parameter", value: &range.parameter };
                problems.error(at, "this parameter has a range already", "remove one of the two");
            }
            ranges.push(range);
        }
    }
    ranges
}

fn range(document: &Document<'_>, table: &DeTable<'_>, start: usize, problems: &mut Problems) -> Option<Range> {
    const KEYS: &[&str] = &["parameter", "low", "high", "source", "confidence", "notes"];
    for entry in table.iter().filter(|(key, _)| !KEYS.contains(&key.get_ref().as_ref())) {
        document.unknown(problems, &format!("range.{}", entry.0.get_ref()), entry, KEYS);
    }
    let (line, _) = document.position(start);
    for key in KEYS[..3].iter().filter(|key| table.get(**key).is_none()) {
        let at = At { file: document.file, line, column: key, value: "" };
        problems.error(
            at,
            format!("the key '{key}' is missing"),
            "write parameter = \"departure.conflict\", low and high",
        );
    }
    let entry = table.get_key_value("parameter")?;
    let Some(name) = entry.1.get_ref().as_str() else {
        document.error(
            problems,
            "range.parameter",
            entry,
            "this is not a text",
            "write the name of a parameter in quotes",
        );
        return None;
    };
    let Some(known) = info(name) else {
        let message = Parameters::default().set(name, 0.0).unwrap_err();
        document.error(problems, "range.parameter", entry, &message, "write a name such as \"departure.conflict\"");
        return None;
    };
    let mut bound = |key: &str| {
        let entry = table.get_key_value(key)?;
        let fix = format!("write a number from {} to {} ({})", known.min, known.max, known.unit);
        match number(entry.1.get_ref()) {
            Some(value) if value.is_finite() && (known.min..=known.max).contains(&value) => Some(value),
            _ => {
                document.error(problems, &format!("range.{key}"), entry, "this value is not possible", &fix);
                None
            }
        }
    };
    let (low, high) = (bound("low"), bound("high"));
    let (low, high) = (low?, high?);
    if high < low {
        let entry = table.get_key_value("high")?;
        document.error(problems, "range.high", entry, &format!("high is below low ({low})"), "exchange the two");
    }
    Some(Range { parameter: name.to_owned(), low, high })
}

/// `points` points of the unit cube in `dimensions` dimensions such that in each dimension each of `points` equal slices holds
/// exactly one (a Latin hypercube, McKay, Beckman and Conover 1979). The same `seed` gives the same points.
pub fn latin_hypercube(points: usize, dimensions: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut cube = vec![Vec::with_capacity(dimensions); points];
    for dimension in 0..dimensions {
        let mut draws = Philox::from_u64_seed_stream(seed, dimension as u64);
        let mut slices: Vec<usize> = (0..points).collect();
        for last in (1..points).rev() {
            slices.swap(last, draws.bounded(last as u32 + 1) as usize);
        }
        for (point, slice) in cube.iter_mut().zip(slices) {
            let within = rand_philox::u32_to_unit_f64(draws.next_u32());
            point.push((slice as f64 + within) / points as f64);
        }
    }
    cube
}

/// `points` futures: the values of the parameters of `ranges` in each.
pub fn futures(ranges: &[Range], points: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut cube = latin_hypercube(points, ranges.len(), seed);
    for point in &mut cube {
        for (x, range) in point.iter_mut().zip(ranges) {
            *x = range.low + *x * (range.high - range.low);
        }
    }
    cube
}

/// How much a strategy can be regretted over futures.
#[derive(Debug, Clone, PartialEq)]
pub struct Regret {
    /// Greatest regret: how much worse it is than the best strategy of that future, in the unit of the metric.
    pub greatest: f64,
    /// Future in which that is, from 0.
    pub in_future: usize,
    /// Mean regret over futures.
    pub mean: f64,
    /// Share of futures in which no strategy is better.
    pub best: f64,
}

/// Regret of every strategy: `values[future][strategy]`, `regret(s, k) = y(s, k) - min over s' of y(s', k)` where less is better,
/// its mirror image else (Savage 1951). Futures in which a strategy has no value are left out. `None` where none is left.
pub fn regret(values: &[Vec<Option<f64>>], lower_is_better: bool) -> Option<Vec<Regret>> {
    let sign = if lower_is_better { 1.0 } else { -1.0 };
    let losses: Vec<(usize, Vec<f64>)> = values
        .iter()
        .enumerate()
        .filter_map(|(future, row)| {
            Some((future, row.iter().map(|v| v.map(|v| sign * v)).collect::<Option<Vec<f64>>>()?))
        })
        .collect();
    let strategies = losses.first()?.1.len();
    let of = |strategy: usize| {
        let mut regret = Regret { greatest: 0.0, in_future: losses[0].0, mean: 0.0, best: 0.0 };
        for (future, row) in &losses {
            let loss = row[strategy] - row.iter().copied().fold(f64::INFINITY, f64::min);
            if loss > regret.greatest {
                (regret.greatest, regret.in_future) = (loss, *future);
            }
            regret.mean += loss / losses.len() as f64;
            regret.best += f64::from(u8::from(loss == 0.0)) / losses.len() as f64;
        }
        regret
    };
    Some((0..strategies).map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slice_of_every_dimension_holds_one_point() {
        for (points, dimensions) in [(1, 1), (7, 3), (50, 12)] {
            let cube = latin_hypercube(points, dimensions, 5);
            assert_eq!(cube.len(), points);
            for d in 0..dimensions {
                let mut slices: Vec<usize> = cube.iter().map(|p| (p[d] * points as f64) as usize).collect();
                slices.sort_unstable();
                assert_eq!(slices, (0..points).collect::<Vec<_>>());
            }
        }
        assert_eq!(latin_hypercube(9, 4, 1), latin_hypercube(9, 4, 1));
        assert_ne!(latin_hypercube(9, 4, 1), latin_hypercube(9, 4, 2));
    }

    #[test]
    fn dimensions_are_not_tied_to_each_other() {
        let cube = latin_hypercube(400, 2, 3);
        let covariance: f64 = cube.iter().map(|p| (p[0] - 0.5) * (p[1] - 0.5)).sum::<f64>() / 400.0;
        assert!((12.0 * covariance).abs() < 0.15, "correlation {}", 12.0 * covariance);
    }

    #[test]
    fn futures_stay_in_their_ranges() {
        let ranges = [
            Range { parameter: "departure.conflict".into(), low: 0.1, high: 0.3 },
            Range { parameter: "choice.news_days".into(), low: 2.0, high: 2.0 },
        ];
        let points = futures(&ranges, 30, 1);
        assert!(points.iter().all(|p| (0.1..=0.3).contains(&p[0]) && p[1] == 2.0));
        let mean = points.iter().map(|p| p[0]).sum::<f64>() / 30.0;
        assert!((mean - 0.2).abs() < 0.002, "{mean}");
    }

    #[test]
    fn regret_is_the_distance_to_the_best_in_each_future() {
        let values = [
            vec![Some(10.0), Some(12.0), Some(30.0)],
            vec![Some(50.0), Some(20.0), Some(21.0)],
            vec![Some(1.0), None, Some(2.0)],
        ];
        let less = regret(&values, true).unwrap();
        assert_eq!(less.iter().map(|r| r.greatest).collect::<Vec<_>>(), [30.0, 2.0, 20.0]);
        assert_eq!(less.iter().map(|r| r.in_future).collect::<Vec<_>>(), [1, 0, 0]);
        assert_eq!(less.iter().map(|r| r.best).collect::<Vec<_>>(), [0.5, 0.5, 0.0]);
        assert_eq!(less[2].mean, 10.5);
        let more = regret(&values, false).unwrap();
        assert_eq!(more.iter().map(|r| r.greatest).collect::<Vec<_>>(), [20.0, 30.0, 29.0]);
        assert_eq!(regret(&[vec![None, Some(1.0)]], true), None);
    }

    #[test]
    fn ranges_are_read_and_every_slip_is_named_with_its_line() {
        let good = "[[range]]\nparameter = \"departure.conflict\"\nlow = 0.05\nhigh = 0.2\nsource = \"a guess\"\n";
        assert_eq!(
            parse("f.toml", good.as_bytes()).unwrap(),
            [Range { parameter: "departure.conflict".into(), low: 0.05, high: 0.2 }]
        );
        let cases = [
            ("", "there is no [[range]]"),
            ("range = 3\n", "ranges are a list"),
            ("[[range]]\nlow = 1\nhigh = 2\n", "the key 'parameter' is missing"),
            ("[[range]]\nparameter = \"departure.conflct\"\nlow = 0\nhigh = 1\n", "did you mean 'departure.conflict'"),
            ("[[range]]\nparameter = \"departure.conflict\"\nlow = 0\nhigh = 99\n", "from 0 to 10"),
            ("[[range]]\nparameter = \"departure.conflict\"\nlow = 1\nhigh = 0.5\n", "high is below low (1)"),
            ("[[range]]\nparameter = \"departure.conflict\"\nlow = \"a\"\nhigh = 0.5\n", "line 3"),
            ("[[range]]\nparametr = \"x\"\n", "write 'parameter'"),
            ("[[ran]]\n", "this key is not known"),
        ];
        for (text, expected) in cases {
            let problems = parse("f.toml", text.as_bytes()).unwrap_err().to_string();
            assert!(problems.contains(expected), "{text}: {problems}");
        }
        let twice = format!("{good}{good}");
        assert!(parse("f.toml", twice.as_bytes()).unwrap_err().to_string().contains("line 6"));
    }
}
