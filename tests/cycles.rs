//! What a crisis does to moves that are planned for a season, and what comes after it: cycles (M44), moving again (M35), durable
//! solutions (M34).

mod common;

use common::{world, world_under};
use corridor::outcome::Outcome;
use corridor::outcome::metrics::{Measured, measure};
use corridor::scenario::world::World;

/// Herders go from the south over a ford to the north.
const PLACES: &str = "id,country,kind,lat,lon\nsouth,AAA,town,0,0\nford,AAA,town,1,0\nnorth,BBB,town,2,0\n";
const ROUTES: &str = "from,to,mode,km,hours\nsouth,ford,foot,20,6\nford,north,foot,20,6\n";
const GROUPS: &str = "id,aim,party_size,documents\nherders,safety,1,0.5\nsettlers,safety,1,1\n";
const PEOPLE: &str = "group,place,persons,state\nherders,south,100,settled\nsettlers,south,50,settled\n";
/// Ten a day on the first ten days, who can also go two days later.
const CYCLES: &str = "id,kind,group,path,start,end,persons,grace_days\n\
                      rains,nomadic,herders,south;ford;north,2030-01-01,2030-01-10,100,2\n";
const STAY_AT_HOME: &str = "[departure]\nconflict = 0\nhazard = 0\n";
const DAYS: u32 = 14;

fn files<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut files = vec![
        ("locations.csv", PLACES),
        ("routes.csv", ROUTES),
        ("groups.csv", GROUPS),
        ("populations.csv", PEOPLE),
        ("cycles.csv", CYCLES),
    ];
    files.extend_from_slice(more);
    files
}

fn measured(world: &World) -> Measured {
    measure(world, &Outcome::of_run(world, 7, 0, |_| ()))
}

fn overall(world: &World, id: &str) -> Option<f64> {
    measured(world).overall(id)
}

#[test]
fn without_a_crisis_everybody_goes_on_the_day_planned() {
    let measured = measured(&world(DAYS, STAY_AT_HOME, &files(&[])));
    assert_eq!(measured.overall("M44"), Some(0.0));
    assert_eq!(measured.overall("M44_late"), Some(0.0));
    let by_group = &measured.get("M44").expect("a metric").by_group;
    assert_eq!(by_group["settlers"], None, "they plan no move");
}

#[test]
fn who_cannot_go_in_time_misses_the_season() {
    // Closed from the 3rd to the 6th: the 10 of the 3rd and of the 4th wait two days in vain, those of the 5th and 6th go late.
    let closed = "from,to,rule,groups,start,end\nford,north,closed,all,2030-01-03,2030-01-06\n";
    let world = world(DAYS, STAY_AT_HOME, &files(&[("policies.csv", closed)]));
    let outcome = Outcome::of_run(&world, 7, 0, |_| ());
    let measured = measure(&world, &outcome);
    assert_eq!(measured.overall("M44_missed"), Some(20.0));
    assert_eq!(measured.overall("M44"), Some(0.2));
    let missed: Vec<u32> = outcome.days.iter().map(|counts| counts.cycles_missed[0]).collect();
    assert_eq!(missed, [0, 0, 0, 0, 10, 10, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(outcome.days[6].cycles_kept, [(0, 2, 10), (0, 1, 10), (0, 0, 10)]);
}

#[test]
fn a_way_through_danger_is_not_taken_and_an_arranged_corridor_is() {
    let shock = ("shocks.csv", "place,kind,start,end,intensity\nford,conflict,2030-01-03,2030-01-31,0.8\n");
    let strategy =
        |text: &'static str| world_under("s", DAYS, STAY_AT_HOME, &files(&[shock, ("strategies/s.toml", text)]));
    // The last of the ten days has two days of grace, all within the run: 20 of 100 went before it began.
    assert_eq!(overall(&strategy(""), "M44"), Some(0.8));
    let corridor = "[[intervention]]\nlever = \"corridor\"\nplaces = \"south;ford;north\"\nshare = 0.9\n";
    assert_eq!(overall(&strategy(corridor), "M44"), Some(0.0));
    let late =
        "[[intervention]]\nlever = \"corridor\"\nplaces = \"south;ford;north\"\nshare = 0.9\nstart = 2030-01-07\n";
    // From the 7th on; those of the 3rd and 4th have missed it, those of the 5th to the 7th go then.
    assert_eq!(overall(&strategy(late), "M44"), Some(0.2));
}

#[test]
fn a_border_that_refuses_others_does_not_break_a_season() {
    let rule = |groups: &str, rule: &str| {
        let row = format!("from,to,rule,groups,start,end\nford,north,{rule},{groups},2030-01-01,2030-01-31\n");
        overall(&world(DAYS, STAY_AT_HOME, &files(&[("policies.csv", &row)])), "M44")
    };
    assert_eq!(rule("herders", "refuse"), Some(1.0));
    assert_eq!(rule("settlers", "refuse"), Some(0.0));
}

#[test]
fn a_way_that_no_route_makes_is_a_warning_and_an_unknown_place_an_error() {
    let read = |cycles: &str| {
        let folder = common::folder(DAYS, STAY_AT_HOME, &files(&[]));
        std::fs::write(folder.path().join("cycles.csv"), cycles).expect("written");
        corridor::scenario::read::read(folder.path())
            .map(|(_, warnings)| warnings.to_string())
            .map_err(|p| p.to_string())
    };
    let row = |path: &str| {
        format!("id,kind,group,path,start,end,persons\nr,nomadic,herders,{path},2030-01-01,2030-01-02,9\n")
    };
    let warning = read(&row("south;north")).expect("readable");
    assert!(warning.contains("no route joins 'south' and 'north'"), "{warning}");
    let error = read(&row("south;fort")).expect_err("an error");
    assert!(error.contains("cycles.csv") && error.contains("ford"), "{error}");
    for path in ["south", ";"] {
        let error = read(&row(path)).expect_err("an error");
        assert!(error.contains("at least two places"), "{error}");
    }
    // As the warning says, the row has no effect: nobody of it misses anything.
    let mut files = files(&[]);
    let cycles = row("south;north");
    files.retain(|(name, _)| *name != "cycles.csv");
    files.push(("cycles.csv", &cycles));
    assert_eq!(overall(&world(DAYS, STAY_AT_HOME, &files), "M44_missed"), None);
}

#[test]
fn who_loses_a_camp_within_ninety_days_must_move_again() {
    let place = "id,country,kind,lat,lon\ntown,AAA,town,0,0\ncamp,BBB,camp,1,0\n";
    let people = "group,place,persons,state\nG,camp,300,displaced\nG,town,1,settled\n";
    let shock =
        |day: &str| format!("place,kind,start,intensity\ntown,conflict,2030-01-01,0.5\ncamp,conflict,{day},0.9\n");
    let again = |day: &str| {
        let world = world(
            120,
            "[departure]\nconflict = 0\n[travel]\nmove_chance_camp = 0\n",
            &[
                ("locations.csv", place),
                ("routes.csv", "from,to,mode,km,hours\ntown,camp,road,50,2\n"),
                ("groups.csv", "id,aim,party_size,documents\nG,safety,1,1\n"),
                ("populations.csv", people),
                ("shocks.csv", &shock(day)),
            ],
        );
        overall(&world, "M35")
    };
    assert_eq!(again("2030-01-20"), Some(300.0));
    assert_eq!(again("2030-04-20"), Some(0.0), "109 days later they had found a place for longer");
}

#[test]
fn a_durable_solution_asks_for_safety_a_roof_and_papers() {
    let people = "group,place,persons,state\nherders,north,100,displaced\nsettlers,south,1,settled\n";
    let mut files = files(&[]);
    files.retain(|(name, _)| *name != "populations.csv");
    files.push(("populations.csv", people));
    let measured = measured(&world(DAYS, STAY_AT_HOME, &files));
    let value = measured.get("M34").expect("a metric");
    // Abroad and calm; in a town, not at a site; half of the herders and the settler hold papers.
    let papers = 51.0 / 101.0;
    assert_eq!((value.overall, measured.overall("M31")), (Some((2.0 + papers) / 3.0), Some(papers)));
    assert_eq!(value.note, "safety 1.00, a roof 1.00, documents 0.50");
    // In danger, at a crossing without shelter, and no way out.
    let shock = "place,kind,start,intensity\nnorth,conflict,2030-01-01,0.9\n";
    files.retain(|(name, _)| *name != "locations.csv");
    files.push((
        "locations.csv",
        "id,country,kind,lat,lon\nsouth,AAA,town,0,0\nford,AAA,town,1,0\nnorth,BBB,crossing,2,0\n",
    ));
    files.push(("shocks.csv", shock));
    files.push(("policies.csv", "from,to,rule,groups,start,end\nford,north,closed,all,2030-01-01,2030-01-31\n"));
    let measured = self::measured(&world(DAYS, STAY_AT_HOME, &files));
    let value = measured.get("M34").expect("a metric");
    assert_eq!(value.note, "safety 0.00, a roof 0.00, documents 0.50");
}
