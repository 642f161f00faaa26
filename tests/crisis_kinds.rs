//! Every kind of crisis that the field names runs, and shows the pattern that it is known by. Armed conflict is in `tests/libya.rs`.

mod common;

use std::path::Path;

use common::world;
use corridor::outcome::Outcome;
use corridor::outcome::metrics::{Measured, measure};
use corridor::scenario::build::{Options, build};
use corridor::scenario::read::read;
use corridor::scenario::world::World;

fn shipped(scenario: &str, strategy: &str) -> World {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(scenario);
    let (scenario, warnings) = read(&folder).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(warnings.0.is_empty(), "{warnings}");
    build(&scenario, strategy, &Options::default()).expect("the strategy is there")
}

fn run(scenario: &str, strategy: &str) -> (World, Outcome, Measured) {
    let world = shipped(scenario, strategy);
    let outcome = Outcome::of_run(&world, 7, 0, |_| ());
    let measured = measure(&world, &outcome);
    (world, outcome, measured)
}

fn figure(measured: &Measured, id: &str) -> f64 {
    measured.overall(id).unwrap_or_else(|| panic!("{id} has a value"))
}

/// Share of all who leave in a run who leave on the day on which most do, and the number of days on which anybody does.
fn pace(outcome: &Outcome) -> (f64, usize) {
    let daily: Vec<f64> = outcome.days.iter().map(|c| c.left_home.iter().map(|n| f64::from(*n)).sum()).collect();
    let most = daily.iter().copied().fold(0.0, f64::max);
    (most / daily.iter().sum::<f64>(), daily.iter().filter(|n| **n > 0.0).count())
}

#[test]
fn an_epidemic_strands_people_where_nobody_fights() {
    let (world, _, none) = run("closed-borders", "none");
    assert!(world.conflict.values.iter().all(|c| *c == 0.0));
    assert_eq!(figure(&none, "M07"), 0.0);
    assert!(figure(&none, "M02") > 0.5 * figure(&none, "M01_left"), "most are stranded to the end");
    // A permit ends stranding in the country and brings nobody home; an open border, seats and papers do.
    let [permits, repatriation] = ["permits", "repatriation"].map(|strategy| run("closed-borders", strategy).2);
    assert!(figure(&permits, "M03") < figure(&none, "M03"));
    assert_eq!(figure(&permits, "M01_home"), figure(&none, "M01_home"));
    assert!(figure(&repatriation, "M01_home") > 5.0 * figure(&none, "M01_home"));
    assert!(figure(&repatriation, "M03") < 0.7 * figure(&permits, "M03"));
}

#[test]
fn a_drought_comes_slowly_and_traps_the_poor() {
    let (world, outcome, none) = run("slow-drought", "none");
    let (most, days) = pace(&outcome);
    assert!(most < 0.05 && days > 60, "{most} in a day, on {days} days");
    // In mid October, before the rain: more of the poor are trapped than got away, of the better-off fewer.
    let counts = &outcome.days[165];
    for (group, poor) in [("poor", true), ("better_off", false)] {
        let g = world.groups.iter().position(|known| known.id == group).expect("the group is there");
        let at = |stock: &[u32], place: usize| stock[place * counts.groups + g];
        let places = 0..world.places.len();
        let trapped: u32 = places.clone().map(|place| at(&counts.trapped, place)).sum();
        let away: u32 =
            places.filter(|p| !world.places[*p].id.ends_with("wells")).map(|p| at(&counts.present, p)).sum();
        assert!(away > 300 && (trapped > away) == poor, "{group}: {trapped} trapped, {away} away");
    }
    let trapped = |strategy: &str| figure(&run("slow-drought", strategy).2, "M07");
    let (in_time, late, before) = (trapped("cash-in-time"), trapped("cash-late"), figure(&none, "M07"));
    assert!(in_time < 0.7 * before && in_time < late && late < before, "{in_time} {late} {before}");
    // Water by truck meets needs and frees nobody.
    let trucks = run("slow-drought", "water-trucks").2;
    assert!((figure(&trucks, "M07") / before - 1.0).abs() < 0.02);
    assert!(figure(&trucks, "M22") < 0.5 * figure(&none, "M22"));
    assert!(figure(&none, "M44") > 0.0, "the herders' move is disrupted");
}

#[test]
fn who_never_left_has_settled_again_when_it_rains_and_made_no_journey() {
    let (world, outcome, none) = run("slow-drought", "none");
    let last = outcome.days.last().expect("a day");
    let wells: Vec<usize> = (0..world.places.len()).filter(|p| world.places[*p].id.ends_with("wells")).collect();
    assert_eq!(wells.iter().map(|place| last.waiting[*place]).sum::<u32>(), 0);
    let settled = |day: usize| outcome.days[day].settled.iter().sum::<u32>();
    assert!(settled(outcome.days.len() - 1) > settled(165) + 1000, "who waited for the truck is settled again");
    // So help that frees people does not look like fewer homecomings.
    assert!(figure(&run("slow-drought", "cash-in-time").2, "M01_home") > figure(&none, "M01_home"));
}

#[test]
fn a_downturn_drains_a_country_slowly_and_strands_those_who_cannot_pay() {
    let (_, outcome, none) = run("downturn", "none");
    let (most, days) = pace(&outcome);
    assert!(most < 0.03 && days > 200, "{most} in a day, on {days} days");
    assert_eq!((figure(&none, "M08"), figure(&none, "M07")), (0.0, 0.0), "nobody is in danger");
    assert!(figure(&none, "M27") > 1e7, "remittances stop");
    assert!(figure(&none, "M28_short") > 0.8, "who is left cannot pay");
    for strategy in ["wages-and-transfers", "return-flights"] {
        let helped = run("downturn", strategy).2;
        assert!(figure(&helped, "M01_home") > 1.2 * figure(&none, "M01_home"), "{strategy}");
        assert!(figure(&helped, "M03") < 0.5 * figure(&none, "M03"), "{strategy}");
    }
}

#[test]
fn a_flood_moves_people_at_once_and_some_go_back_soon() {
    let (_, outcome, warned) = run("flood-coast", "warned");
    let daily: Vec<u32> = outcome.days.iter().map(|c| c.left_home.iter().sum()).collect();
    let most_in_four_days = daily.windows(4).map(|days| days.iter().sum::<u32>()).max().unwrap_or(0);
    assert!(2 * most_in_four_days > daily.iter().sum(), "{daily:?}");
    assert!(figure(&warned, "M01_home") > 0.0 && figure(&warned, "M07") == 0.0);
    assert!(figure(&run("flood-coast", "none").2, "M07") > 1000.0);
    let prepared = run("flood-coast", "prepared").2;
    assert!(figure(&prepared, "M08") < figure(&warned, "M08"), "a higher dyke");
    assert!(figure(&prepared, "M23") < figure(&warned, "M23"), "water, meals and a nurse");
}

#[test]
fn crises_that_overlap_do_not_depend_on_the_order_in_which_they_are_written() {
    let head = "place,kind,start,ramp_days,end,intensity\n";
    let shocks = [
        "town,conflict,2030-01-02,2,2030-01-20,0.5\n",
        "town,sudden_hazard,2030-01-05,0,2030-01-09,0.9\n",
        "town,sudden_hazard,2030-01-07,0,2030-01-15,0.4\n",
        "AAA,economic,2030-01-01,5,2030-01-30,0.6\n",
    ];
    let outcome = |order: [usize; 4]| {
        let rows: String = order.iter().map(|row| shocks[*row]).collect();
        let world = world(
            30,
            "",
            &[
                (
                    "locations.csv",
                    "id,country,kind,lat,lon,residents\ntown,AAA,town,0,0,900\nhills,AAA,town,0,0.5,100\n",
                ),
                ("routes.csv", "from,to,mode,km,hours\ntown,hills,road,60,3\n"),
                ("groups.csv", "id,aim,party_size\nG,safety,2\n"),
                ("populations.csv", "group,place,persons\nG,town,900\n"),
                ("shocks.csv", &format!("{head}{rows}")),
            ],
        );
        let outcome = Outcome::of_run(&world, 7, 0, |_| ());
        (figure(&measure(&world, &outcome), "M08"), outcome.days)
    };
    let (exposure, days) = outcome([0, 1, 2, 3]);
    assert!(exposure > 0.0 && days.iter().any(|c| c.left_home[0] > 0));
    for order in [[3, 2, 1, 0], [1, 3, 0, 2]] {
        assert!(outcome(order) == (exposure, days.clone()));
    }
}
