//! Nobody is lost or invented, in any world: property tests over small random ones. None of them may panic.

mod common;

use common::world_under;
use corridor::engine::agents::State;
use corridor::outcome::Outcome;
use corridor::scenario::world::World;
use proptest::prelude::*;

const KINDS: [&str; 6] = ["town", "camp", "crossing", "port", "airport", "town"];

/// A random scenario: text of each file, for `days` days.
#[derive(Debug, Clone)]
struct Sketch {
    days: u32,
    parameters: String,
    files: Vec<(String, String)>,
}

prop_compose! {
    fn sketch()(
        days in 3u32..40,
        places in 3usize..8,
        kinds in prop::collection::vec(0usize..6, 8),
        abroad in prop::collection::vec(any::<bool>(), 8),
        capacity in prop::collection::vec(prop::option::of(0u32..300), 8),
        routes in prop::collection::vec((0usize..8, 0usize..8, 1u32..60, 0u32..80, 0u32..10, prop::option::of(0u32..60), any::<bool>()), 3..16),
        groups in prop::collection::vec((any::<bool>(), 10u32..40, 0u32..11, 0u32..11, 0u32..40, 0u32..11, 0u32..12), 1..4),
        people in prop::collection::vec(0u32..400, 12),
        shocks in prop::collection::vec((0usize..8, 0u32..20, 0u32..11, 0u32..10), 0..5),
        policies in prop::collection::vec((0usize..5, 0usize..16, 0u32..20, 0u32..20, 0u32..11, 0u32..50), 0..6),
        seats in prop::collection::vec((0usize..8, 0u32..20, 0u32..60, any::<bool>(), any::<bool>()), 0..4),
        numbers in (0u32..20, 0u32..3, 1u32..4, 0u32..20, 0u32..3),
    ) -> Sketch {
        let place = |i: usize| i % places;
        let mut locations = String::from("id,country,kind,lat,lon,capacity,residents\n");
        for i in 0..places {
            // Place 0 is where people live, the last one is home.
            let kind = if i == 0 { "town" } else if i + 1 == places { "hub" } else { KINDS[kinds[i]] };
            let country = if i == 0 || i + 1 < places && !abroad[i] { "AAA" } else { "BBB" };
            let capacity = capacity[i].filter(|_| kind == "camp").map_or(String::new(), |c| c.to_string());
            locations += &format!("p{i},{country},{kind},0,{i},{capacity},100\n");
        }
        let mut ways = String::from("from,to,mode,km,hours,fee_usd,risk,persons_per_day,access\n");
        let mut joined = Vec::new();
        for (from, to, hours, fee, risk, limit, free) in routes {
            let (from, to) = (place(from), place(to));
            if from == to || joined.contains(&(from, to)) || joined.contains(&(to, from)) {
                continue;
            }
            joined.push((from, to));
            let limit = limit.map_or(String::new(), |l| l.to_string());
            let access = if free { "free" } else { "service" };
            let km = 120 * from.abs_diff(to);
            ways += &format!("p{from},p{to},road,{km},{hours},{fee},0.{risk},{limit},{access}\n");
        }
        if joined.is_empty() {
            joined.push((0, 1));
            ways += "p0,p1,road,120,10,0,0.1,,free\n";
        }
        let mut who = String::from("id,aim,home,party_size,documents,supported,money_usd,target_risk,frailty,child_share\n");
        let mut where_ = String::from("group,place,persons,state\n");
        for (g, (safety, size, documents, supported, money, target, frailty)) in groups.iter().enumerate() {
            let aim = if *safety { "safety,".to_owned() } else { format!("home,p{}", places - 1) };
            let share = |tenths: &u32| f64::from(*tenths) / 10.0;
            who += &format!("G{g},{aim},{},{},{},{money},{},{frailty},0.3\n", f64::from(*size) / 10.0, share(documents), share(supported), share(target));
            for i in 0..places - 1 {
                let state = if people[(g + i) % 12] % 3 == 0 { "displaced" } else { "settled" };
                where_ += &format!("G{g},p{i},{},{state}\n", people[(3 * g + i) % 12] + 1);
            }
        }
        let date = |day: u32| format!("2030-01-{:02}", 1 + day.min(days - 1).min(27));
        let mut what = String::from("place,kind,start,decay_days,intensity\n");
        for (at, start, tenths, decay) in shocks {
            what += &format!("p{},{},{},{decay},{}\n", place(at), ["conflict", "sudden_hazard", "economic"][at % 3], date(start), f64::from(tenths) / 10.0);
        }
        let mut rules = String::from("rule,from,to,groups,start,end,persons_per_day,share\n");
        for (rule, link, start, length, tenths, limit) in policies {
            let (from, to) = joined[link % joined.len()];
            let rule = ["closed", "throughput", "refuse", "documents", "deter"][rule];
            let limit = if rule == "throughput" { limit.to_string() } else { String::new() };
            rules += &format!("{rule},p{from},p{to},all,{},{},{limit},{}\n", date(start), date(start + length), f64::from(tenths) / 10.0);
        }
        let mut table = String::from("from,to,mode,start,persons_per_day,needs,unused\n");
        let homes = groups.iter().all(|g| !g.0);
        for (from, start, rate, documents, kept) in seats {
            let from = place(from);
            let to = if homes && from + 1 != places { "HOME".to_owned() } else { format!("p{}", (from + 1) % places) };
            let (needs, unused) = (if documents { "documents" } else { "" }, if kept { "kept" } else { "lost" });
            table += &format!("p{from},{to},sea,{},{rate},{needs},{unused}\n", date(start));
        }
        let (base, horizon, news, order, short) = numbers;
        let parameters = format!(
            "[departure]\nbase = 0.{base:02}\nconflict = 0.3\nhazard = 0.4\norder = 0.{order:02}\n[choice]\nhorizon = {horizon}\nnews_days = {news}\n[travel]\nhours_per_day = 12\n[stranding]\nborder_days = {short}\n[risk]\nviolence = 50\ndetention = 60\nrobbery = 50\ndeath = 40\nway_death = 0.05\nway_detention = 0.2\n"
        );
        let plan = "title = \"Plan\"\nservices = [\"seats.csv\"]\n[[intervention]]\nlever = \"documents\"\nper_day = 7\n[[intervention]]\nlever = \"cash\"\nper_day = 9\nusd = 60\n".to_owned();
        let files = [
            ("locations.csv", locations), ("routes.csv", ways), ("groups.csv", who), ("populations.csv", where_), ("shocks.csv", what),
            ("policies.csv", rules), ("strategies/none.toml", "title = \"None\"\n".to_owned()), ("strategies/plan.toml", plan), ("strategies/seats.csv", table),
        ];
        Sketch { days, parameters, files: files.into_iter().map(|(n, t)| (n.to_owned(), t)).collect() }
    }
}

/// Persons of each group at the start.
fn people(world: &World) -> Vec<u32> {
    let mut people = vec![0; world.groups.len()];
    for cell in world.cells.iter().chain(&world.displaced) {
        people[world.classes[cell.class].group] += cell.persons;
    }
    people
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn people_are_conserved_by_group_on_every_day(sketch in sketch(), seed in 0u64..1000) {
        let files: Vec<(&str, &str)> = sketch.files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
        let world = world_under("plan", sketch.days, &sketch.parameters, &files);
        let people = people(&world);
        let outcome = Outcome::of_run(&world, seed, 0, |_| ());
        let groups = world.groups.len();
        for (day, counts) in outcome.days.iter().enumerate() {
            for (group, people) in people.iter().enumerate() {
                let settled: u32 = counts.settled.iter().skip(group).step_by(groups).sum();
                let moving: u32 = State::ALL.iter().map(|state| counts.in_state(group, *state)).sum();
                prop_assert_eq!(settled + moving, *people, "group {} on day {}", group, day);
                let at_places: u32 = counts.present.iter().skip(group).step_by(groups).sum();
                let there: u32 = [State::Resting, State::Waiting, State::Detained].iter().map(|s| counts.in_state(group, *s)).sum();
                prop_assert_eq!(at_places, there, "those at places, group {} on day {}", group, day);
            }
            let waiting: u32 = counts.waiting.iter().sum();
            let stuck: u32 = counts.stranded.iter().sum();
            prop_assert!(stuck <= waiting, "stranded are among those who wait");
        }
        let spent: u64 = outcome.days.iter().map(|c| c.stranded.iter().map(|s| u64::from(*s)).sum::<u64>()).sum();
        prop_assert!(spent <= u64::from(sketch.days) * people.iter().map(|p| u64::from(*p)).sum::<u64>());
    }
}
