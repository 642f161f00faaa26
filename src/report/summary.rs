//! `summary.json`: what was run and every metric with its range. `run.json`: how it was run.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use crate::outcome::SEVERITY_CUTS;
use crate::outcome::metrics::{METRICS, NOT_MODELLED, Value, last_date};
use crate::scenario::world::World;

use super::{DISCLAIMER, RunReport};
use crate::outcome::record::{Compared, fit};
use crate::outcome::spread::{Spread, rounded};

/// Who counts as stranded under the parameters of `world`, in a sentence.
pub fn stranding_rule(world: &World) -> String {
    let p = &world.parameters.stranding;
    format!(
        "Stranded: away from home (who has a home to go to is, also where they worked), waiting for {} days or more at a \
         crossing, camp, port or airport ({} elsewhere), with no feasible way on (open, admitted, documented, affordable, or a service with an expected wait of no more than those \
         days), none back, and no lawful secure stay there; a tent is not secure stay. The way back is feasible once the \
         intensity is below {} everywhere in the country of the crisis.",
        p.border_days, p.elsewhere_days, p.calm_threshold
    )
}

/// Who counts as trapped under the parameters of `world`, in a sentence.
pub fn trapped_rule(world: &World) -> String {
    format!(
        "Trapped: at a place with an intensity of {} or more and without a feasible way. Who has one and does not leave is \
         counted apart (staying).",
        world.parameters.stranding.danger_threshold
    )
}

/// `summary.json` of a run: the same text for the same run.
pub fn summary(run: &RunReport<'_>, compared: &[Compared<'_>]) -> String {
    let (scenario, world) = (run.scenario, run.world);
    let strategy = scenario.strategies.get(&world.strategy).map(|s| s.title.as_str());
    let metrics: Vec<Json> = METRICS.iter().map(|info| metric(run, info)).collect();
    let only = |fitted: bool| fit(compared.iter().filter(|c| c.fitted == Some(fitted)));
    let not_modelled: Vec<Json> =
        NOT_MODELLED.iter().map(|m| json!({ "id": m.id, "name": m.name, "reason": m.reason })).collect();
    let text = json!({
        "disclaimer": DISCLAIMER,
        "simulated": true,
        "version": env!("CARGO_PKG_VERSION"),
        "scenario": {
            "name": scenario.name,
            "title": world.title,
            "status": scenario.header.status,
            "sha256": scenario.content_hash,
        },
        "strategy": { "name": world.strategy, "title": strategy },
        "seed": run.seed,
        "replications": run.replications.len(),
        "scale": world.scale,
        "first_day": world.start.to_string(),
        "last_day": last_date(world).to_string(),
        "rules": {
            "stranded": stranding_rule(world),
            "trapped": trapped_rule(world),
            "severity_cut_points": SEVERITY_CUTS,
        },
        "metrics": metrics,
        "fit": {
            "id": "M47",
            "all": fit(compared),
            "fitted": only(true),
            "held_out": only(false),
        },
        "not_modelled": not_modelled,
    });
    pretty(&text)
}

fn metric(run: &RunReport<'_>, info: &crate::outcome::metrics::MetricInfo) -> Json {
    let values: Vec<&Value> = run.replications.iter().filter_map(|r| r.measured.get(info.id)).collect();
    let by = |part: fn(&Value) -> &BTreeMap<String, Option<f64>>| -> Map<String, Json> {
        let names = values.first().map(|value| part(value).keys()).into_iter().flatten();
        let figures = |name: &String| values.iter().map(|v| part(v).get(name).copied().flatten()).collect::<Vec<_>>();
        names.map(|name| (name.clone(), spread(&figures(name)))).collect()
    };
    json!({
        "id": info.id,
        "name": info.name,
        "unit": info.unit,
        "lower_is_better": info.lower_is_better,
        "formula": info.formula,
        "overall": spread(&values.iter().map(|v| v.overall).collect::<Vec<_>>()),
        "by_group": by(|v| &v.by_group),
        "by_trait": by(|v| &v.by_trait),
        "note": values.first().map_or("", |v| v.note.as_str()),
    })
}

fn spread(figures: &[Option<f64>]) -> Json {
    let of = Spread::of(figures.iter().flatten().copied()).map(|s| s.map(rounded));
    json!({
        "median": of.map(|s| s.median),
        "p05": of.map(|s| s.p05),
        "p95": of.map(|s| s.p95),
        "defined": figures.iter().flatten().count(),
    })
}

/// `run.json`: the only file that differs between runs of the same input.
pub fn run_json(run: &RunReport<'_>) -> String {
    pretty(&json!({
        "version": env!("CARGO_PKG_VERSION"),
        "scenario": run.asked.folder.to_string_lossy(),
        "scenario_hash": run.scenario.content_hash,
        "strategy": run.world.strategy,
        "seed": run.seed,
        "replications": run.replications.len(),
        "until": last_date(run.world).to_string(),
        "scale": run.world.scale,
        "set": run.asked.set,
        "threads": run.threads,
        "wall_seconds": rounded(run.wall.as_secs_f64()),
        "peak_memory_bytes": peak_memory(),
        "agents": run.first.agents,
        "agent_steps": run.replications.iter().map(|r| r.agent_steps).sum::<u64>(),
    }))
}

/// Most memory that this program has held, in bytes, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

fn pretty(json: &Json) -> String {
    // Printing a value that is in memory cannot fail.
    format!("{json:#}\n")
}
