//! Speed on Flee's cases: agent-steps a second, reading and scoring included, beside Flee's own.
//!
//! `cargo bench --bench flee` runs every case of `CASES` (default: `../shared/flee-cases`, with its `reference.csv`) at one agent a person
//! on one thread, and a made-up crisis of 23 million people on all threads. With `FLEE_DIR` (a checkout of Flee) and `PYTHON` set, one
//! case (`CASE`, default mali2012; `all` for every one) is also run by Flee itself, in the same minutes on the same machine, at the hasten of
//! the reference.
//! `SYNTHETIC=0` leaves the made-up crisis out; `RUNS` sets how often each case is run (the fastest counts, default 3).

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use corridor::experiment::validate_flee::Validation;
use corridor::formats::flee::world::Rules;
use corridor::formats::flee::{self};

fn main() {
    let root = std::env::var_os("CASES")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/flee-cases"), PathBuf::from);
    match fs::read_to_string(root.join("reference.csv")) {
        Ok(reference) => {
            let references = read_references(&reference);
            cases(&root, &references);
            beside_flee(&root, &references);
        }
        Err(_) => println!("skipped: no cases at {} (set CASES)", root.display()),
    }
    if std::env::var("SYNTHETIC").is_ok_and(|value| value == "0") {
        println!("skipped: the made-up crisis (SYNTHETIC=0)");
    } else {
        synthetic();
    }
}

/// One line of `reference.csv`, by column.
type Reference = Vec<(String, String)>;

fn read_references(text: &str) -> Vec<Reference> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or("").split(',').collect();
    lines
        .map(|line| {
            header.iter().zip(line.split(',')).map(|(key, value)| ((*key).to_owned(), value.to_owned())).collect()
        })
        .collect()
}

fn figure<T: std::str::FromStr>(reference: &Reference, name: &str) -> Option<T> {
    reference.iter().find(|(key, _)| key == name)?.1.parse().ok()
}

/// What one validation took.
struct Timed {
    agents: u64,
    agent_steps: u64,
    ard: f64,
    seconds: f64,
}

/// Reads, runs and scores a folder on `threads` threads; the fastest of `runs`.
fn timed(dir: &Path, days: Option<u32>, scale: u32, threads: usize, runs: u32) -> Option<Timed> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok()?;
    let once = || {
        let started = Instant::now();
        let (case, _) = flee::read_for_days(dir, days).map_err(|problems| println!("{problems}")).ok()?;
        let (run, scores) = pool.install(|| {
            let validation = Validation::new(&case, scale, case.period.days, Rules::Flee);
            let run = validation.run(1, 0);
            let scores = validation.scores(&run);
            (run, scores)
        });
        Some(Timed {
            agents: run.agents.last().copied()?,
            agent_steps: run.agent_steps,
            ard: scores?.ard.plain,
            seconds: started.elapsed().as_secs_f64(),
        })
    };
    (0..runs).filter_map(|_| once()).min_by(|a, b| a.seconds.total_cmp(&b.seconds))
}

fn runs() -> u32 {
    std::env::var("RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(3)
}

fn cases(root: &Path, references: &[Reference]) {
    println!(
        "One agent a person, one thread, the fastest of {} runs; Flee at its reference hasten, from reference.csv",
        runs()
    );
    println!(
        "{:<20} {:>9} {:>14} {:>8} {:>9} {:>8} {:>9} {:>9} {:>8}",
        "case", "agents", "agent-steps", "s", "M steps/s", "times", "ARD", "Flee ARD", "2 thr."
    );
    let mut times = Vec::new();
    for reference in references {
        let (Some(name), Some(days), Some(flee)) = (
            figure::<String>(reference, "case"),
            figure::<u32>(reference, "days"),
            figure::<f64>(reference, "flee_steps_per_s"),
        ) else {
            continue;
        };
        let Some(one) = timed(&root.join(&name), Some(days), 1, 1, runs()) else { continue };
        let two = timed(&root.join(&name), Some(days), 1, 2, runs());
        let speed = one.agent_steps as f64 / one.seconds;
        times.push(speed / flee);
        println!(
            "{name:<20} {:>9} {:>14} {:>8.3} {:>9.1} {:>8.0} {:>9.4} {:>9} {:>8.2}",
            one.agents,
            one.agent_steps,
            one.seconds,
            speed / 1e6,
            speed / flee,
            one.ard,
            figure::<String>(reference, "flee_ard_mean").unwrap_or_default(),
            two.map_or(f64::NAN, |two| one.seconds / two.seconds),
        );
    }
    if !times.is_empty() {
        println!("geometric mean of the times: {:.0}", geometric_mean(&times));
    }
}

fn geometric_mean(values: &[f64]) -> f64 {
    f64::exp(values.iter().map(|value| value.ln()).sum::<f64>() / values.len() as f64)
}

/// Cases by Flee and by Corridor in the same run.
fn beside_flee(root: &Path, references: &[Reference]) {
    let (Some(checkout), Some(python)) = (std::env::var_os("FLEE_DIR"), std::env::var_os("PYTHON")) else {
        println!("skipped: Flee itself (set FLEE_DIR to a checkout of Flee and PYTHON to its interpreter)");
        return;
    };
    let asked = std::env::var("CASE").unwrap_or_else(|_| "mali2012".to_owned());
    let name = |reference: &Reference| figure::<String>(reference, "case").unwrap_or_default();
    let mut times = Vec::new();
    for reference in references.iter().filter(|r| asked == "all" || asked == name(r)) {
        let (Some(days), Some(hasten)) = (figure::<u32>(reference, "days"), figure::<u32>(reference, "hasten")) else {
            continue;
        };
        let dir = root.join(name(reference));
        // What Flee takes for a single day is its start, which is not its speed.
        let flee = |days| flee_seconds(Path::new(&checkout), Path::new(&python), &dir, days, hasten);
        let seconds = match (flee(1), flee(days)) {
            (Ok(start), Ok(whole)) => (whole - start).max(0.01),
            (Err(error), _) | (_, Err(error)) => {
                println!("skipped: {} by Flee: {error}", name(reference));
                continue;
            }
        };
        let Some(ours) = timed(&dir, Some(days), hasten, 1, runs()) else { continue };
        let Some(full) = timed(&dir, Some(days), 1, 1, runs()) else { continue };
        let speed = ours.agent_steps as f64 / seconds;
        let faster = full.agent_steps as f64 / full.seconds / speed;
        times.push(faster);
        println!(
            "{} by Flee at hasten {hasten}, in this run: {seconds:.2} s after the first day, {:.0} k steps/s; Corridor the same {:.3} s, \
             at one agent a person {:.3} s, {faster:.0} times Flee's steps a second",
            name(reference),
            speed / 1e3,
            ours.seconds,
            full.seconds,
        );
    }
    if !times.is_empty() {
        println!("geometric mean of the times, {} cases in this run: {:.0}", times.len(), geometric_mean(&times));
    } else {
        println!("skipped: no case {asked} in reference.csv that Flee runs");
    }
}

/// Seconds that Flee itself takes for the first `days` days of a case.
fn flee_seconds(checkout: &Path, python: &Path, dir: &Path, days: u32, hasten: u32) -> Result<f64, String> {
    let dir = fs::canonicalize(dir).map_err(|error| error.to_string())?;
    let aside = tempfile::tempdir().map_err(|error| error.to_string())?;
    let settings = aside.path().join("simsetting.yml");
    let text = fs::read_to_string(dir.join("simsetting.yml")).unwrap_or_default();
    let lines = text.lines().map(|line| {
        let key = line.trim_start();
        if key.starts_with("hasten:") {
            format!("{}hasten: {hasten}", &line[..line.len() - key.len()])
        } else {
            line.to_owned()
        }
    });
    fs::write(&settings, lines.collect::<Vec<String>>().join("\n")).map_err(|error| error.to_string())?;
    let started = Instant::now();
    let output = Command::new(python)
        .arg(checkout.join("runscripts/run.py"))
        .args([dir.join("input_csv"), dir.join("source_data")])
        .arg(days.to_string())
        .arg(&settings)
        .env("PYTHONPATH", checkout)
        .current_dir(aside.path())
        .output()
        .map_err(|error| format!("it could not be started: {error}"))?;
    let seconds = started.elapsed().as_secs_f64();
    if output.status.success() {
        Ok(seconds)
    } else {
        Err(String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("it failed").to_owned())
    }
}

/// A made-up crisis of 23 million people in 554 days with an awareness of 5 hops: 96 places on a grid, 12 camps beyond.
fn synthetic() {
    let Ok(folder) = tempfile::tempdir() else { return };
    let dir = folder.path();
    let (rows, columns, camps, days) = (8usize, 12usize, 12usize, 554u32);
    let mut locations = "#name,region,country,lat,lon,location_type,conflict_date,pop/cap\n".to_owned();
    let mut routes = "#name1,name2,distance,forced_redirection\n".to_owned();
    let mut conflicts = "#Day".to_owned();
    for place in 0..rows * columns {
        let (row, column) = (place / columns, place % columns);
        let kind = if column < 3 { "conflict_zone" } else { "town" };
        let _ =
            writeln!(locations, "T{place},R,Home,{},{},{kind},{},400000", 50 - row, 30 + column, u8::from(column > 0));
        if column < 3 {
            let _ = write!(conflicts, ",T{place}");
        }
        if column + 1 < columns {
            let _ = writeln!(routes, "T{place},T{},{},", place + 1, 60 + (place * 37) % 90);
        }
        if row + 1 < rows && column % 2 == row % 2 {
            let _ = writeln!(routes, "T{place},T{},{},", place + columns, 80 + (place * 53) % 120);
        }
    }
    let mut layout = "total,total.csv\n".to_owned();
    for camp in 0..camps {
        let beside = (camp % rows) * columns + columns - 1;
        let _ =
            writeln!(locations, "C{camp},R,Abroad{},{},45,camp,,{}", camp % 4, 50 - camp, 1_000_000 + 200_000 * camp);
        let _ = writeln!(routes, "C{camp},T{beside},{},", 40 + camp * 11);
        let _ = writeln!(layout, "C{camp},c{camp}.csv");
        let persons = 23_600_000 / camps;
        let data = format!("2022-02-24,{}\n2022-05-01,{}\n2023-09-01,{persons}\n", persons / 100, persons / 2);
        let _ = fs::write(dir.join(format!("c{camp}.csv")), data);
    }
    conflicts.push('\n');
    for day in 0..days {
        let _ = write!(conflicts, "{day}");
        for place in (0..rows * columns).filter(|place| place % columns < 3) {
            let _ = write!(conflicts, ",{}", u8::from(place % columns == 0 || day as usize > 3 * place));
        }
        conflicts.push('\n');
    }
    let settings = "spawn_rules:\n  insert_day0: True\nmove_rules:\n  max_move_speed: 360\n  awareness_level: 5\n  default_movechance: 0.3\n  \
                    camp_movechance: 0.001\n  conflict_weight: 0.25\noptimisations:\n  hasten: 1\n";
    let files = [
        ("locations.csv", locations),
        ("routes.csv", routes),
        ("conflicts.csv", conflicts),
        ("closures.csv", "#closure_type,name1,name2,closure_start,closure_end\n".to_owned()),
        ("sim_period.csv", format!("StartDate,2022-02-24\nLength,{days}\n")),
        ("data_layout.csv", layout),
        ("total.csv", "2022-02-24,0\n".to_owned()),
        ("simsetting.yml", settings.to_owned()),
    ];
    if files.iter().any(|(name, text)| fs::write(dir.join(name), text).is_err()) {
        return;
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    if let Some(run) = timed(dir, None, 1, threads, 1) {
        println!(
            "made-up crisis, {} people, {days} days, awareness 5: {:.1} s on {threads} threads, {:.0} M agent-steps/s, peak memory {}",
            run.agents,
            run.seconds,
            run.agent_steps as f64 / run.seconds / 1e6,
            peak_memory().map_or("not known here".to_owned(), |kb| format!("{:.2} GB", kb as f64 / 1048576.0)),
        );
    }
}

/// Largest resident memory of this process so far in kB, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find(|line| line.starts_with("VmHWM:"))?.split_whitespace().nth(1)?.parse().ok()
}
