//! Every column of every table that a run writes: the headers are made from it, and the data dictionary.

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// File.
    pub file: &'static str,
    /// Name in the header; in a JSON file the path of keys.
    pub column: &'static str,
    /// `text`, `date`, `integer`, `number`, `boolean` or `object`.
    pub kind: &'static str,
    /// Unit; empty where there is none.
    pub unit: &'static str,
    /// Meaning.
    pub meaning: &'static str,
}

macro_rules! columns {
    ($($file:literal { $($column:literal, $kind:ident, $unit:literal, $meaning:literal;)* })*) => {
        /// Every column of every file.
        pub const COLUMNS: &[Column] = &[$($(Column {
            file: $file,
            column: $column,
            kind: stringify!($kind),
            unit: $unit,
            meaning: $meaning,
        }),*),*];
    };
}

/// Names of the columns of `file`, in order.
pub fn header(file: &str) -> impl Iterator<Item = &'static str> {
    COLUMNS.iter().filter(move |c| c.file == file).map(|c| c.column)
}

columns! {
    "daily.csv" {
        "date", date, "", "day; a place has a row on the days on which somebody is there or something happens";
        "place", text, "", "location id";
        "country", text, "", "country of the place";
        "kind", text, "", "what the place is at the start: town, camp, crossing, port, airport, hub, detention, waypoint";
        "present", integer, "persons", "on the move and at the place at the end of the day: resting, waiting or detained";
        "arrived", integer, "persons", "came to the place on the day";
        "departed", integer, "persons", "left the place on a link on the day";
        "waiting", integer, "persons", "want to go on from the place and are not yet served, at the end of the day";
        "stranded", integer, "persons", "of those waiting, stranded by the rule that summary.json states";
        "sheltered", integer, "persons", "of those present, under a roof";
        "assisted", integer, "persons", "granted assistance at the place on the day: a seat onwards";
        "trapped", integer, "persons", "in danger without a feasible way, settled people included";
        "settled", integer, "persons", "live there and have not left";
        "staying", integer, "persons", "in danger, with a feasible way, not leaving";
        "violence", integer, "persons", "suffered violence on the day";
        "detention", integer, "persons", "arbitrarily detained on the day";
        "exploitation", integer, "persons", "trafficked or exploited on the day";
        "robbery", integer, "persons", "robbed or extorted on the day";
        "separation", integer, "persons", "separated from their family on the day";
        "death", integer, "persons", "died or went missing on the day, at the place or setting out from it";
        "illness", integer, "persons", "fell ill and were not treated on the day";
        "refusal", integer, "persons", "turned back at the border on the day";
        "conflict", number, "intensity 0-1", "intensity of conflict at the place";
        "hazard", number, "intensity 0-1", "intensity of hazards at the place";
        "simulated", boolean, "", "always true: no observed figure";
    }
    "routes.csv" {
        "date", date, "", "day";
        "from", text, "", "location id";
        "to", text, "", "location id";
        "mode", text, "", "road, foot, sea or air";
        "persons", integer, "persons", "entered the link on the day";
        "deaths", integer, "persons", "died or went missing on it, counted on the day on which they set out";
        "simulated", boolean, "", "always true: no observed figure";
    }
    "flows.csv" {
        "date", date, "", "day";
        "flow", text, "", "id of the row of the scenario's flows.csv: people who are counted, but not followed";
        "nationality", text, "", "their nationality";
        "from", text, "", "location id";
        "to", text, "", "location id";
        "out", integer, "persons", "crossed on the day";
        "back", integer, "persons", "went back on the day";
        "simulated", boolean, "", "always true: no observed figure";
    }
    "groups.csv" {
        "date", date, "", "day";
        "group", text, "", "group id";
        "settled", integer, "persons", "have not left, at the end of the day";
        "resting", integer, "persons", "at a place, free to go on";
        "en_route", integer, "persons", "on a link";
        "waiting", integer, "persons", "want to go on and are not yet served";
        "stranded", integer, "persons", "of those waiting, stranded by the rule that summary.json states";
        "trapped", integer, "persons", "in danger without a feasible way, settled people included";
        "arrived", integer, "persons", "whose journey has ended where it was meant to";
        "detained", integer, "persons", "held";
        "dead", integer, "persons", "died or missing so far";
        "left_home_cumulative", integer, "persons", "have left their homes so far, the displaced of the first day included";
        "assisted_cumulative", integer, "persons", "granted assistance so far; a second leg counts again";
        "simulated", boolean, "", "always true: no observed figure";
    }
    "constraints.csv" {
        "date", date, "", "day";
        "place", text, "", "location id";
        "group", text, "", "group id";
        "constraint", text, "", "what binds: documents, money, refused, closed, queue, seat, several, just_opened, no_way (docs/metrics.md)";
        "persons", integer, "persons", "stranded or trapped at the end of the day whom it binds";
        "simulated", boolean, "", "always true: no observed figure";
    }
    "triggers.csv" {
        "strategy", text, "", "strategy";
        "replication", integer, "", "number of the run, from 0";
        "starts", text, "", "what the trigger starts: id of a service, or lever or shelter with its line";
        "condition", text, "", "condition, as it was written";
        "fired", date, "", "day on which it fired; empty: never";
        "begins", date, "", "day on which what it starts begins, lead time included; empty: never within the run";
        "days_to_peak", integer, "days", "from firing to the peak of people stranded; below 0: it fired after it; empty: never fired, or nobody was stranded";
        "simulated", boolean, "", "always true: no observed figure";
    }
    "fit.csv" {
        "date", date, "", "day of the observation";
        "where", text, "", "country, location id, or TOTAL";
        "measure", text, "", "what is measured, as in the scenario's observations.csv";
        "group", text, "", "whom it counts, as in the scenario's observations.csv";
        "recorded", number, "persons", "the observed figure";
        "simulated_median", number, "persons", "the run: median over replications";
        "simulated_p05", number, "persons", "the run: 5 % of replications lie below";
        "simulated_p95", number, "persons", "the run: 5 % of replications lie above";
        "rel_error", number, "1", "(simulated median - recorded) / recorded; empty where nobody was recorded";
        "rel_uncertainty", number, "1", "relative uncertainty of the record; empty where not stated";
        "fitted", boolean, "", "whether parameters were set with its help; empty where the scenario does not say";
        "source", text, "", "source of the record";
        "confidence", text, "", "reported, derived or assumed";
        "simulated", boolean, "", "always true: simulated_* and rel_error are no observed figures";
    }
    "data-dictionary.csv" {
        "file", text, "", "file";
        "column", text, "", "column, or path of keys in a JSON file";
        "type", text, "", "text, date, integer, number, boolean or object";
        "unit", text, "", "unit; empty where there is none";
        "meaning", text, "", "meaning";
    }
    "summary.json" {
        "disclaimer", text, "", "what the figures are and are not for";
        "simulated", boolean, "", "always true";
        "version", text, "", "version of Corridor";
        "scenario", object, "", "name, title, status and SHA-256 of the scenario's files";
        "strategy", object, "", "name and title of the strategy";
        "seed", integer, "", "seed of all draws";
        "replications", integer, "runs", "number of runs, each with its own draws";
        "scale", integer, "persons", "people that one simulated person stands for";
        "first_day", date, "", "first day of the run";
        "last_day", date, "", "last day of the run";
        "rules", object, "", "who counts as stranded and as trapped, and the cut-points of severity";
        "metrics[].id", text, "", "id of the metric; docs/metrics.md tells all";
        "metrics[].name", text, "", "name";
        "metrics[].unit", text, "", "unit";
        "metrics[].lower_is_better", boolean, "", "null: neither";
        "metrics[].formula", text, "", "formula";
        "metrics[].overall.median", number, "the metric's", "median over the replications in which it has a value; null: in none";
        "metrics[].overall.p05", number, "the metric's", "5 % of replications lie below";
        "metrics[].overall.p95", number, "the metric's", "5 % of replications lie above";
        "metrics[].overall.defined", integer, "runs", "replications in which the metric has a value";
        "metrics[].by_group", object, "the metric's", "likewise for each group";
        "metrics[].by_trait", object, "the metric's", "likewise by status, nationality, sex and age, where known";
        "metrics[].note", text, "", "what the number cannot say, in replication 0: date and place of a peak, name of a group";
        "fit", object, "", "M47: how far the run lies from the record, over all observations, those fitted to, and the others";
        "not_modelled", object, "", "metrics that no run gives, and why";
    }
    "comparison.json" {
        "simulated", boolean, "", "always true";
        "notice", text, "", "what the figures are and are not for";
        "strategies", object, "", "names and titles, the baseline first";
        "drawn", number, "1", "numbers of the input that each replication draws within the range stated for them, alike under every strategy";
        "level", number, "share", "level at which the intervals of a metric hold together";
        "metrics[].strategies[].value", object, "the metric's", "mean, median, 5 % and 95 % points over replications";
        "metrics[].strategies[].change", object, "the metric's", "paired difference from the baseline: likewise, with interval, verdict, share of replications that are better";
        "aim", text, "", "what leading and efficiency count: stranded, or trapped where nobody is ever stranded";
        "leading", object, "", "which response leaves fewest of them by the stated rule, and how sure that is; null: none is clearly better than the baseline";
        "worst_off[]", object, "days per person", "what each strategy does to the group that is worst off";
        "efficiency[]", object, "USD, person-days", "cost, person-days averted, who dominates";
        "firings[]", object, "", "how often and when triggers fired";
        "futures", object, "the metric's", "regret over uncertain futures, where ranges were given";
        "composite", object, "0-1", "a composite score, where weights were given";
        "warnings", object, "", "what a reader must know before using the numbers";
    }
    "run.json" {
        "version", text, "", "version of Corridor";
        "scenario", text, "", "folder of the scenario, as it was typed";
        "scenario_hash", text, "", "SHA-256 over names and bytes of the scenario's files";
        "strategy", text, "", "strategy";
        "seed", integer, "", "seed of all draws";
        "replications", integer, "runs", "number of runs";
        "until", date, "", "last day of the run";
        "scale", integer, "persons", "people that one simulated person stands for";
        "set", object, "", "parameters set on the command line, as they were typed";
        "threads", integer, "threads", "threads used; results do not depend on it";
        "wall_seconds", number, "s", "time taken by the runs";
        "peak_memory_bytes", integer, "bytes", "most memory held by the program so far; null where the system does not tell";
        "agents", integer, "parties", "parties on the move at the end of replication 0";
        "agent_steps", integer, "persons x days", "sum over days of the persons on the move, all replications";
    }
}
