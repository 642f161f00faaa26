//! A run of four days made by hand, on which every metric has a known answer.

use std::collections::BTreeMap;

use petgraph::graph::DiGraph;

use super::metrics::{METRICS, Measured, measure};
use super::*;
use crate::engine::agents::State;
use crate::engine::counts::{Cared, Incident};
use crate::scenario::parameters::{Parameters, Tension};
use crate::scenario::world::*;

const TOWN: usize = 0;
const POST: usize = 1;

fn place(id: &str, name: &str, country: usize, kind: PlaceKind, residents: f64) -> Place {
    let (capacity, move_chance) = (None, None);
    let (id, name) = (id.to_owned(), name.to_owned());
    Place {
        id,
        name,
        country,
        kind,
        lat: 0.0,
        lon: 0.0,
        residents,
        capacity,
        move_chance,
        score: 1.0,
        foreign: country > 0,
    }
}

fn link(from: usize, to: usize, mode: Mode, free: bool, border: bool) -> Link {
    let (km, length, range, walk_chance) = (10.0, 10.0, None, 0.0);
    Link { from, to, mode, km, length, range, walk_chance, fee: 0, risk: 0.0, free, border }
}

fn group(id: &str, status: &str, target_risk: f64, info_day: f64, composition: u8) -> Group {
    Group {
        id: id.to_owned(),
        name: format!("Group {id}"),
        nationality: id.to_owned(),
        status: status.to_owned(),
        language: String::new(),
        target_risk,
        remittance: (id == "A").then_some(304.4),
        info_day,
        info_width: 0.01,
        frailty: 0.0,
        departure: 1.0,
        can_return: true,
        parties: vec![(composition, 1 << 32)],
    }
}

fn class(group: usize, documents: bool) -> Class {
    Class { group, aim: Aim::Home(2), documents, supported: false, money: 0, with_documents: None, origin: None }
}

fn service(lever: &str, board: usize, link: usize, capacity: [u32; 4]) -> Service {
    let assistance = !lever.is_empty();
    Service {
        id: format!("service {link}"),
        lever: lever.to_owned(),
        actor: String::new(),
        boards: vec![(board, 0.0)],
        links: vec![Some(link); 2],
        eligible: ClassSet::from_fn(3, |_| true),
        priority: Priority::default(),
        capacity: capacity.map(f64::from).to_vec(),
        keeps_unused: false,
        fee: 0,
        assistance,
        cost_fixed: if assistance { 100.0 } else { 0.0 },
        cost_per_person: if assistance { 5.0 } else { 0.0 },
        gate: Gate::default(),
        extra: Vec::new(),
        trained: Vec::new(),
    }
}

/// Kinds of care at the post.
const CARES: [CareKind; 4] = [CareKind::Water, CareKind::Relief, CareKind::Health, CareKind::Psychosocial];

fn care(kind: CareKind) -> Care {
    let (places, groups, gate, persons) = (vec![POST], vec![true; 2], Gate::default(), None);
    Care { kind, places, groups, gate, persons, share: [0.0; Risk::COUNT], cost_per_person_day: 0.0 }
}

fn response() -> Response {
    let mut response = Response { cares: CARES.map(care).to_vec(), ..Response::default() };
    CARES.into_iter().for_each(|kind| response.stated_care[kind as usize] = vec![POST]);
    response
}

/// One simulated person stands for ten. Group A: 60 men, 40 of them with documents; group B: 10 women with 3 girls each.
/// The town is in conflict from day 1; beyond the border lie a post with shelter, and home.
pub(super) fn world() -> World {
    let cell = |class, persons, first| Cell { class, place: TOWN, persons, first };
    let conflict = [[0.0; 3], [0.6, 0.0, 0.0], [0.6, 0.0, 0.0], [0.2, 0.0, 0.0]];
    World {
        conditions: Default::default(),
        title: "By hand".to_owned(),
        strategy: "test".to_owned(),
        start: "2030-01-01".parse().unwrap(),
        days: 4,
        scale: 10,
        parameters: Parameters {
            tension: Tension { pressure: 0.005, threshold: 5.0, unequal_aid: 0.1, support: 0.0, memory: 0.5 },
            ..Parameters::default()
        },
        movement: Movement { range: 12.0, fresh_range_each_leg: false, range_on_foot: None, avoid_short_stints: false },
        countries: vec!["AAA".to_owned(), "BBB".to_owned()],
        places: vec![
            place("town", "Town", 0, PlaceKind::Town, 1000.0),
            place("post", "Border post", 1, PlaceKind::Crossing, 200.0),
            place("home", "Home", 1, PlaceKind::Hub, 0.0),
        ],
        links: vec![
            link(TOWN, POST, Mode::Road, true, true),
            link(POST, 2, Mode::Air, false, false),
            link(TOWN, 2, Mode::Sea, true, true),
        ],
        network: DiGraph::new(),
        groups: vec![group("A", "migrant", 0.5, 2.0, 0), group("B", "refugee", 0.0, 100.0, 1)],
        classes: vec![class(0, true), class(0, false), class(1, true)],
        compositions: vec![Composition::new([[0; 5], [0, 0, 0, 1, 0]]), Composition::new([[3, 0, 0, 1, 0], [0; 5]])],
        cells: vec![cell(0, 40, 0), cell(1, 20, 40), cell(2, 40, 60)],
        displaced: Vec::new(),
        departures: Departures::Hazard,
        conflict: Intensity { places: 3, values: conflict.concat() },
        hazard: Intensity::default(),
        // Half of those at work in the town earn nothing on the last day.
        economy: Intensity { places: 3, values: [[0.0; 3], [0.0; 3], [0.0; 3], [0.5, 0.0, 0.0]].concat() },
        barriers: Vec::new(),
        conversions: Vec::new(),
        services: vec![service("", TOWN, 0, [10; 4]), service("L11", POST, 1, [0, 0, 20, 20])],
        desks: vec![Desk {
            id: "consul".to_owned(),
            gives: Given::Documents,
            places: vec![POST],
            eligible: ClassSet::from_fn(3, |_| true),
            priority: Priority::default(),
            capacity: vec![5.0; 4],
            cost_per_person: 2.0,
            gate: Gate::default(),
            becomes: vec![None, Some(0), None],
            trained: Vec::new(),
        }],
        shelters: vec![Shelter {
            place: POST,
            start: 1,
            end: 9,
            places: 10,
            cost_per_place_day: 1.0,
            gate: Gate::default(),
        }],
        deterrents: Vec::new(),
        flows: Vec::new(),
        cycles: vec![Cycle {
            id: "rains".to_owned(),
            group: 1,
            stages: Vec::new(),
            planned: Vec::new(),
            grace_days: 2,
        }],
        response: response(),
    }
}

/// What happens, in simulated persons. Indices: place * 2 + group.
pub(super) fn outcome(world: &World) -> Outcome {
    let states = |counts: &mut Counts, group: usize, stock: &[(State, u32)]| {
        for (state, persons) in stock {
            counts.state[group * State::COUNT + *state as usize] = *persons;
        }
    };
    // Day 0: everybody is at home.
    let mut day0 = Counts::new(world);
    day0.settled[..2].copy_from_slice(&[60, 40]);

    // Day 1: 20 of A leave, 10 are let through and wait at the post, 10 wait in the town; 30 of B are trapped.
    let mut day1 = Counts::new(world);
    day1.settled[..2].copy_from_slice(&[40, 40]);
    states(&mut day1, 0, &[(State::Waiting, 20)]);
    (day1.present[0], day1.present[2]) = (10, 10);
    (day1.waiting[TOWN], day1.waiting[POST]) = (10, 10);
    (day1.granted[0], day1.entered[0], day1.crossed[0]) = (10, 10, 10);
    (day1.trapped[1], day1.staying[TOWN], day1.sheltered[POST], day1.left_home[0]) = (30, 5, 10, 20);

    // Day 2: the other 10 are let through; 5 are flown out; 10 are stranded. Of 4 of B who try the sea, 2 die.
    let mut day2 = Counts::new(world);
    day2.settled[..2].copy_from_slice(&[40, 36]);
    states(&mut day2, 0, &[(State::Waiting, 15), (State::EnRoute, 5)]);
    states(&mut day2, 1, &[(State::Arrived, 2), (State::Dead, 2)]);
    (day2.present[2], day2.waiting[POST], day2.stranded[2], day2.sheltered[POST]) = (15, 15, 10, 10);
    (day2.granted[0], day2.entered[0], day2.crossed[0]) = (10, 10, 10);
    (day2.granted[1], day2.entered[1], day2.assisted[0], day2.assisted_at[POST]) = (5, 5, 5, 5);
    day2.seated[1] = 5;
    (day2.entered[2], day2.crossed[3], day2.deaths_on_link[2], day2.left_home[1]) = (2, 2, 2, 4);
    day2.incident(TOWN, Incident::Death, 1, 2);
    day2.trapped[1] = 20;

    // Day 3: 10 more are flown out; of the 5 at the post 1 is detained; 3 are given documents.
    let mut day3 = Counts::new(world);
    day3.settled[..2].copy_from_slice(&[40, 36]);
    states(&mut day3, 0, &[(State::Waiting, 4), (State::Detained, 1), (State::EnRoute, 10), (State::Arrived, 5)]);
    states(&mut day3, 1, &[(State::Arrived, 2), (State::Dead, 2)]);
    (day3.present[2], day3.waiting[POST], day3.stranded[2], day3.sheltered[POST]) = (5, 4, 5, 5);
    (day3.granted[1], day3.entered[1], day3.assisted[0], day3.assisted_at[POST]) = (10, 10, 10, 10);
    day3.seated[1] = 10;
    day3.served[0] = 3;
    day3.received[0] = 2;
    for (kind, persons) in [
        (Incident::Violence, 1),
        (Incident::Detention, 1),
        (Incident::Exploitation, 2),
        (Incident::Separation, 3),
        (Incident::Refusal, 2),
    ] {
        day3.incident(POST, kind, 0, persons);
    }

    // Reached at the post, reached twice, and who could have been: water, relief, health, psychosocial support.
    const ANYBODY: u32 = u32::MAX;
    let cared = [
        [(10, 0, 10), (4, 0, 4), (10, 0, ANYBODY), (2, 0, 2)],
        [(10, 0, 10), (9, 0, 9), (15, 3, ANYBODY), (2, 0, 2)],
        [(5, 0, 10), (5, 0, 5), (5, 0, ANYBODY), (2, 0, 2)],
    ];
    for (day, cared) in [&mut day1, &mut day2, &mut day3].into_iter().zip(cared) {
        for (kind, (reached, twice, places)) in CARES.into_iter().zip(cared) {
            day.cared[POST * CareKind::COUNT + kind as usize] = Cared { reached, twice, places };
        }
    }
    (day1.misled[0], day2.misled[0]) = (5, 3);

    // Of 12 of B who plan to follow the rains, 3 go in time, 5 two days late, 4 not at all; 3 of A lose their refuge.
    day1.cycles_kept = vec![(0, 0, 3)];
    day3.cycles_kept = vec![(0, 2, 5)];
    day2.cycles_missed[0] = 4;
    day2.uprooted_again[0] = 3;

    // Spells by group and length (0 to 4 days): 5 of A end after 1 day, 5 last at 2.
    let (mut spells_ended, mut spells_unended) = (vec![0; 10], vec![0; 10]);
    (spells_ended[1], spells_unended[2]) = (5, 5);
    let mut stranded_person_days = vec![[[0; 5]; 2]; 2];
    stranded_person_days[0][1][3] = 15;
    let mut days = vec![day0, day1, day2, day3];
    for (day, counts) in days.iter_mut().enumerate() {
        counts.offered = world.services.iter().map(|s| s.capacity[day] as u32).collect();
        counts.shelter_open = vec![if day > 0 { 10 } else { 0 }];
    }
    Outcome {
        days,
        fired: Vec::new(),
        tracking_error: Some(0.25),
        savings: vec![Savings { had: 1000, left: 600, waiting: 4, short: 1 }, Savings::default()],
        constraints: Vec::new(),
        spells_ended,
        spells_unended,
        stranded_person_days,
        agents: 22,
        agent_steps: 0,
    }
}

fn measured() -> Measured {
    let world = world();
    let outcome = outcome(&world);
    measure(&world, &outcome)
}

#[test]
fn every_metric_has_its_known_answer() {
    let answers: BTreeMap<&str, Option<f64>> = [
        ("M01_left", Some(240.0)),
        ("M01_out", Some(220.0)),
        ("M01_crossed", Some(220.0)),
        ("M01_home", Some(70.0)),
        ("M01_safe", Some(120.0)),
        ("M02", Some(50.0)),
        ("M02_spells", Some(100.0)),
        ("M02_waiting", Some(40.0)),
        ("M03", Some(150.0)),
        ("M04", Some(100.0)),
        ("M04_day", Some(3.0)),
        ("M05_p50", Some(1.0)),
        ("M05_p90", None),
        ("M06", None),
        ("M07", Some(500.0)),
        ("M07_end", Some(0.0)),
        ("M07_peak", Some(300.0)),
        ("M07_staying", Some(50.0)),
        // 0.6 (80 + 10) + 0.6 * 76 + 0.2 * 76
        ("M08", Some(1148.0)),
        ("M08_high", Some(1660.0)),
        // Assisted: 5 on day 2, 10 on day 3; onset is day 1.
        ("M09_p50", Some(2.0)),
        ("M09_p90", Some(2.0)),
        ("M09_wait", Some(39.0 / 35.0)),
        ("M10", Some(15.0 / 19.0)),
        ("M10_assisted", Some(150.0)),
        ("M11", Some(15.0 / 40.0)),
        ("M12_queue", Some(100.0)),
        ("M12_wait_p50", Some(0.0)),
        ("M12_wait_p90", Some(1.0)),
        ("M12_refusals", Some(20.0)),
        ("M12_utilisation", Some(0.5)),
        // Persons x R over the days: A 60 x .10417, 50 x .53699 + 10 x .05351, 40 x .53699 + 5 x .06387 + 10 x .07919,
        // 40 x .28108 + 5 x .06644; B 40 x .04877, 40 x .29531, 36 x .29531, 36 x .13929; over 372 person-days.
        ("M13", Some(97.2094 / 372.0)),
        ("M13_p90", Some(0.5365)),
        ("M14", Some(900.0)),
        ("M15_violence", Some(1000.0 / 55.0)),
        ("M15_detention", Some(1000.0 / 55.0)),
        ("M15_robbery", Some(0.0)),
        ("M15_illness", Some(0.0)),
        ("M16", Some(2000.0 / 55.0)),
        ("M17", Some(3000.0 / 55.0)),
        ("M18", Some(10.0)),
        ("M18_end", Some(10.0)),
        ("M18_share", Some(1.0 / 55.0)),
        ("M19", Some(20.0)),
        ("M19_rate", Some(2000.0 / 24.0)),
        ("M19_sea", Some(500.0)),
        ("M19_land", Some(0.0)),
        ("M19_crude", Some(20_000.0 / 55.0)),
        ("M20", Some(50.0)),
        ("M20_peak", Some(50.0)),
        ("M21", Some(1.0)),
        ("M21_peak", Some(1.5)),
        ("M21_area", Some(3.5 / 1.5)),
        ("M22", Some(50.0)),
        ("M22_water", Some(2250.0)),
        ("M22_toilets", Some(8.0)),
        // Without a roof 5 of 30 person-days, without water 5, without relief items 12, without health care none.
        ("M23", Some(22.0 / 30.0 / 4.0)),
        ("M23_relief", Some(120.0)),
        ("M23_health", Some(0.0)),
        ("M23_contacts", Some(60.0)),
        ("M24", Some(75.0)),
        // 10 people for the relief items of 4, on day 1.
        ("M25", Some(2.5)),
        // At the post: 0.005 (50 - 5) + 0.1, then half of it + 0.005 (75 - 5) + 0.1 * 10 / 15.
        ("M26", Some(0.1625 + 0.35 + 0.1 * 10.0 / 15.0)),
        // A: 20 away on days 1, 2 and 3 and half of 40 at home on day 3, 10 USD a day each.
        ("M27", Some(8000.0)),
        ("M28", Some(0.4)),
        ("M28_short", Some(0.25)),
        ("M29", Some(0.6)),
        ("M29_lag", Some(2.0)),
        ("M30", Some(8.0 / 39.0)),
        ("M31", Some(0.83)),
        ("M31_issued", Some(30.0)),
        ("M32_shelter", Some(5.0 / 30.0)),
        ("M33", Some(3.0 / 82.0)),
        // 12 of 24 are safe, 5 of them stranded; all at the post have a roof; M31.
        ("M34", Some((7.0 / 24.0 + 1.0 + 0.83) / 3.0)),
        ("M35", Some(30.0)),
        ("M36", Some(2.0 / 7.0)),
        // A: 15 stranded days over 60, B: 50 trapped days over 40.
        ("M37", Some(1.0)),
        ("M37_ratio", Some(5.0)),
        ("M37_status", Some(1.0)),
        ("M37_sex", Some(0.25)),
        // 18-59: 15 days over 60 men and 10 women; 0-4: none over 30.
        ("M37_age", Some(15.0 / 70.0)),
        ("M37_arrived", Some(5.0 / 60.0 - 2.0 / 40.0)),
        // 14 who left were not stranded, 5 for 1 day, 5 for 2.
        ("M38", Some(1.0 - 125.0 / 360.0)),
        ("M39", Some(1.25)),
        // 100 + 5 x 150, 2 x 30, 1 x 10 x 10 x 3.
        ("M40", Some(1210.0)),
        ("M40_per_person", Some(1210.0 / 180.0)),
        ("M43", Some(0.25)),
        ("M44", Some(4.0 / 12.0)),
        ("M44_missed", Some(40.0)),
        ("M44_late", Some(2.0)),
        ("M45", Some(1.0)),
    ]
    .into();
    let measured = measured();
    for metric in METRICS {
        let expected = answers.get(metric.id).unwrap_or_else(|| panic!("{} has no known answer", metric.id));
        let found = measured.overall(metric.id);
        // The risk index is made of bins of 0.001.
        let tolerance = if metric.id == "M13" { 5e-4 } else { 1e-6 };
        let close = match (found, expected) {
            (Some(found), Some(expected)) => (found - expected).abs() <= tolerance * expected.abs().max(1.0),
            (found, expected) => found.is_none() && expected.is_none(),
        };
        assert!(close, "{}: {found:?} instead of {expected:?}", metric.id);
    }
    assert_eq!(answers.len(), METRICS.len());
}

#[test]
fn metrics_tell_groups_apart_and_name_places() {
    let measured = measured();
    let of = |id: &str, group: &str| measured.get(id).unwrap().by_group[group];
    assert_eq!((of("M03", "A"), of("M03", "B")), (Some(150.0), Some(0.0)));
    assert_eq!((of("M07", "A"), of("M07", "B")), (Some(0.0), Some(500.0)));
    assert_eq!((of("M01_out", "A"), of("M01_out", "B")), (Some(200.0), Some(20.0)));
    assert_eq!(of("M19_rate", "B"), Some(500.0));
    assert_eq!(of("M16", "B"), None, "nobody of B was on the move at the end of a day");
    assert_eq!(of("M09_p50", "B"), None);
    assert_eq!((of("M44", "A"), of("M35", "A")), (None, Some(30.0)));
    let stranded = measured.get("M03").unwrap();
    assert_eq!(stranded.by_trait["status:refugee"], Some(0.0));
    assert_eq!(stranded.by_trait["sex:male"], Some(150.0));
    assert_eq!(stranded.by_trait["age:18-59"], Some(150.0));
    assert_eq!(measured.get("M04").unwrap().note, "2030-01-03; most at Border post: 100");
    assert_eq!(measured.get("M12_queue").unwrap().note, "2030-01-02 at Town");
    assert_eq!(measured.get("M39").unwrap().note, "Group B");
    assert_eq!(measured.get("M25").unwrap().note, "food and relief items, 2030-01-02 at Border post");
    assert_eq!(measured.get("M26").unwrap().note, "2030-01-03 at Border post");
    assert_eq!((of("M30", "A"), of("M28", "B")), (Some(8.0 / 39.0), None));
    assert_eq!(measured.get("M37_sex").unwrap().note, "highest: male (0.250), lowest: female (0.000)");
}

#[test]
fn a_run_in_which_nothing_happens_has_no_rates() {
    let world = world();
    let mut outcome = outcome(&world);
    let quiet = Counts { settled: outcome.days[0].settled.clone(), ..Counts::new(&world) };
    outcome.days.fill(quiet);
    outcome.spells_ended.fill(0);
    outcome.spells_unended.fill(0);
    let measured = measure(&world, &outcome);
    for id in ["M02", "M03", "M04", "M07", "M19", "M20", "M01_left"] {
        assert_eq!(measured.overall(id), Some(0.0), "{id}");
    }
    for id in ["M05_p50", "M06", "M09_p50", "M10", "M15_violence", "M19_rate", "M19_sea", "M38", "M45", "M04_day"] {
        assert_eq!(measured.overall(id), None, "{id}");
    }
}

#[test]
fn a_queue_that_empties_has_a_clearance_time() {
    let world = world();
    let mut outcome = outcome(&world);
    for (day, stranded) in [100, 300, 31, 30].into_iter().enumerate() {
        outcome.days[day].stranded[2] = stranded;
    }
    assert_eq!(measure(&world, &outcome).overall("M06"), Some(2.0));
}
