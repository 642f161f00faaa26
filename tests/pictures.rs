//! Every kind of picture, drawn from small made-up data. Run with CORRIDOR_PICTURES=folder to look at them.

use chrono::{Days, NaiveDate};
use corridor::report::bars::{Bar, BarChart, bar_chart};
use corridor::report::lines::{LineChart, Panel, Recorded, Series, StackedAreas, line_chart, stacked_areas};
use corridor::report::map::{FlowMap, MapLink, MapMode, MapPlace, flow_map};
use corridor::report::picture::{Captions, Picture, SHORT_DISCLAIMER};

fn day(k: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2011, 2, 20).unwrap() + Days::new(k)
}

/// A logistic curve from 0 to `top` with its midpoint on day `middle`.
fn logistic(top: f64, middle: f64, k: u64) -> f64 {
    top / (1.0 + (-(k as f64 - middle) / 8.0).exp())
}

fn series(name: &str, top: f64, middle: f64) -> Series {
    let days = 0..130;
    Series {
        name: name.into(),
        values: days.clone().map(|k| (day(k), logistic(top, middle, k))).collect(),
        band: days.map(|k| (day(k), 0.85 * logistic(top, middle, k), 1.2 * logistic(top, middle, k))).collect(),
    }
}

fn arrivals() -> LineChart {
    let panel = |name: &str, top: f64| Panel {
        title: name.into(),
        series: vec![series("Historical response", top, 22.0), series("No response", 0.7 * top, 35.0)],
        records: [8, 15, 23, 40, 66, 101]
            .map(|k| {
                let value = 1.06 * logistic(top, 20.0, k);
                Recorded { date: day(k), value, low: 0.9 * value, high: 1.1 * value }
            })
            .to_vec(),
    };
    LineChart {
        title: "People who left Libya, by country of arrival".into(),
        subtitle: "Third-country nationals, cumulative since 20 February 2011".into(),
        y_title: "Arrivals since 20 February (persons)".into(),
        note: "Made-up data · strategy historical · seed 1 · 20 runs".into(),
        captions: Captions::default(),
        panels: vec![panel("Tunisia", 195e3), panel("Egypt", 128e3), panel("Niger", 67e3), panel("Algeria", 9.4e3)],
        same_scale: false,
        band_name: "5–95 % of runs".into(),
        record_name: "Recorded, with its range".into(),
    }
}

fn states() -> StackedAreas {
    let days = 0..130u64;
    let layer = |name: &str, of: &dyn Fn(u64) -> f64| (name.to_owned(), days.clone().map(of).collect());
    StackedAreas {
        title: "Where 600 000 people were, day by day".into(),
        subtitle: "All groups, median of 20 runs".into(),
        y_title: "People (persons)".into(),
        note: "Made-up data · strategy historical · seed 1 · 20 runs".into(),
        captions: Captions::default(),
        dates: days.clone().map(day).collect(),
        layers: vec![
            layer("Home", &|k| logistic(250e3, 40.0, k)),
            layer("Across the border", &|k| logistic(150e3, 22.0, k) - 0.6 * logistic(150e3, 40.0, k)),
            layer("Waiting at a crossing", &|k| 40e3 * (-((k as f64 - 20.0) / 12.0).powi(2)).exp()),
            layer("On the way", &|k| 25e3 * (-((k as f64 - 17.0) / 15.0).powi(2)).exp()),
            layer("Stranded", &|k| 60e3 * (-((k as f64 - 40.0) / 30.0).powi(2)).exp()),
            layer("Trapped", &|k| logistic(14e3, 60.0, k)),
            layer("At their places", &|k| 600e3 - logistic(420e3, 30.0, k)),
        ],
    }
}

fn strategies() -> BarChart {
    let bar = |name: &str, value: f64, low: f64, high: f64| Bar {
        name: name.into(),
        value,
        range: Some((low, high)),
        reference: name.starts_with("Hist"),
    };
    BarChart {
        title: "Time that people spent stranded, by strategy".into(),
        subtitle: "Sum over all groups and days; whiskers: 5–95 % of runs".into(),
        x_title: "Stranded (person-days)".into(),
        note: "Made-up data · seed 1 · 20 runs".into(),
        captions: Captions::default(),
        bars: vec![
            bar("Historical response", 2.41e6, 2.2e6, 2.68e6),
            bar("No response", 5.9e6, 5.2e6, 6.4e6),
            bar("Airlift two weeks earlier", 1.32e6, 1.1e6, 1.5e6),
            bar("Registration and documents at crossings", 1.95e6, 1.8e6, 2.3e6),
            bar("Second transit camp near Dehiba", 2.2e6, 2.0e6, 2.5e6),
        ],
    }
}

fn routes() -> FlowMap {
    let place =
        |name: &str, lat: f64, lon: f64, amount: f64| MapPlace { name: name.into(), lat, lon, amount, beyond: false };
    let far = |name: &str, lat: f64, lon: f64| MapPlace { beyond: true, ..place(name, lat, lon, 0.0) };
    let places = vec![
        place("Tripoli", 32.887, 13.191, 21_000.0),
        place("Benghazi", 32.117, 20.067, 6_400.0),
        place("Misrata", 32.375, 15.092, 8_300.0),
        place("Sirte", 31.206, 16.589, 0.0),
        place("Sebha", 27.037, 14.428, 3_100.0),
        place("Kufra", 24.179, 23.314, 900.0),
        place("Nalut", 31.869, 10.982, 0.0),
        place("Ras Ajdir", 33.146, 11.555, 13_400.0),
        place("Choucha", 33.138, 11.468, 15_800.0),
        place("Dehiba", 32.008, 10.701, 700.0),
        place("Salloum", 31.55, 25.16, 4_800.0),
        place("Djerba-Zarzis Airport", 33.875, 10.775, 2_300.0),
        place("Tunis", 36.806, 10.181, 0.0),
        place("Alexandria", 31.2, 29.919, 400.0),
        place("Cairo", 30.044, 31.236, 0.0),
        place("Valletta", 35.896, 14.512, 0.0),
        place("Tummo", 22.65, 14.083, 1_200.0),
        place("Dirkou", 19.009, 12.898, 2_600.0),
        place("Lampedusa", 35.503, 12.61, 0.0),
        far("Dhaka", 23.81, 90.412),
        far("Manila", 14.599, 120.984),
        far("Accra", 5.604, -0.187),
        far("Niamey", 13.512, 2.113),
        far("Hanoi", 21.028, 105.854),
    ];
    use MapMode::{Air, Land, Sea};
    let link = |(from, to, amount, mode)| MapLink { from, to, amount, mode };
    FlowMap {
        title: "Ways out of Libya, 20 February to 30 June 2011".into(),
        subtitle: "Circles: people stranded on 15 March. Arrows: people who travelled in the whole time".into(),
        note: "Made-up data · strategy historical · seed 1".into(),
        captions: Captions::default(),
        place_title: "Stranded on 15 March (persons)".into(),
        link_title: "Travelled, whole time (persons)".into(),
        highlight: vec!["LBY".into()],
        links: [
            (0, 7, 165e3, Land),
            (7, 8, 110e3, Land),
            (8, 11, 120e3, Land),
            (2, 0, 21e3, Land),
            (1, 10, 98e3, Land),
            (10, 13, 40e3, Land),
            (13, 14, 30e3, Land),
            (10, 14, 44e3, Land),
            (0, 4, 31e3, Land),
            (4, 16, 52e3, Land),
            (16, 17, 50e3, Land),
            (6, 9, 28e3, Land),
            (2, 1, 9e3, Sea),
            (1, 15, 7e3, Sea),
            (0, 18, 18e3, Sea),
            (0, 15, 6e3, Sea),
            (11, 19, 28e3, Air),
            (11, 20, 9e3, Air),
            (11, 21, 14e3, Air),
            (11, 23, 8e3, Air),
            (17, 22, 40e3, Land),
            (14, 19, 9e3, Air),
            (0, 20, 5e3, Air),
            (3, 2, 4e3, Land),
            (5, 10, 2e3, Land),
        ]
        .map(link)
        .to_vec(),
        places,
    }
}

/// Width and height that a PNG says it has.
fn png_size(png: &[u8]) -> (u32, u32) {
    assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n");
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

/// Both formats of a picture, each the same when drawn again, with what every picture must say.
fn both(name: &str, picture: &Picture) -> String {
    let (svg, png) = (picture.svg().unwrap(), picture.png().unwrap());
    assert_eq!(svg, picture.svg().unwrap(), "{name}: SVG differs");
    assert!(png == picture.png().unwrap(), "{name}: PNG differs");
    assert_eq!(png_size(&png), picture.size());
    assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
    assert!(says(&svg, SHORT_DISCLAIMER), "{name} lacks its disclaimer");
    assert!(
        !svg.contains("NaN") && !svg.contains("inf,") && !svg.contains("2147483647"),
        "{name} has impossible numbers"
    );
    if let Some(folder) = std::env::var_os("CORRIDOR_PICTURES") {
        let file = std::path::Path::new(&folder).join(name);
        std::fs::write(file.with_extension("svg"), &svg).unwrap();
        std::fs::write(file.with_extension("png"), &png).unwrap();
    }
    svg
}

/// Whether a text of the picture begins with `text`.
fn says(svg: &str, text: &str) -> bool {
    svg.lines().any(|line| line.starts_with(&text.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&apos;")))
}

#[test]
fn lines_in_panels() {
    let svg = both("arrivals", &line_chart(&arrivals()));
    for text in [
        "People who left Libya",
        "Third-country",
        "Arrivals since 20 February (persons)",
        "Made-up data",
        "Tunisia",
        "Egypt",
        "Niger",
        "Algeria",
        "Historical response",
        "No response",
        "5–95 % of runs",
        "Recorded, with its range",
        "1 Mar",
        "1 Jun",
        "2011",
        "50k",
    ] {
        assert!(says(&svg, text), "'{text}' is missing");
    }
    // The frame of each panel differs, unless they share one scale.
    let shared = line_chart(&LineChart { same_scale: true, ..arrivals() }).svg().unwrap();
    let count = |svg: &str, text: &str| svg.lines().filter(|line| *line == text).count();
    assert_eq!(count(&shared, "250k"), 4);
    assert_eq!(count(&svg, "250k"), 1);
}

#[test]
fn one_panel() {
    let mut chart = arrivals();
    chart.panels.truncate(1);
    both("one-panel", &line_chart(&chart));
}

#[test]
fn areas_stacked() {
    let svg = both("states", &stacked_areas(&states()));
    for (name, _) in states().layers {
        assert!(says(&svg, &name), "'{name}' is missing");
    }
    assert!(says(&svg, "600k"));
}

#[test]
fn bars_with_whiskers() {
    let svg = both("strategies", &bar_chart(&strategies()));
    for text in ["Historical response", "No response", "2.41M", "5.9M", "Stranded (person-days)"] {
        assert!(says(&svg, text), "'{text}' is missing");
    }
    let mut changes = strategies();
    for bar in &mut changes.bars {
        bar.value -= 2.41e6;
        bar.range = bar.range.map(|(low, high)| (low - 2.41e6, high - 2.41e6));
    }
    assert!(says(&both("changes", &bar_chart(&changes)), "−1.09M"));
}

#[test]
fn flows_on_a_map() {
    let svg = both("routes", &flow_map(&routes()));
    for text in
        ["Choucha  15.8k", "Tripoli  21k", "Salloum  4", "LIBYA", "TUNISIA", "EGYPT", "by air", "by sea", "to Dhaka"]
    {
        assert!(says(&svg, text), "'{text}' is missing");
    }
    let words: String = svg.lines().filter(|l| !l.starts_with('<')).collect::<Vec<_>>().join(" ");
    assert!(["Boundaries shown do", "imply", "endorsement"].iter().all(|part| words.contains(part)));
    assert!(svg.len() < 400_000, "{} bytes", svg.len());
}

#[test]
fn maps_anywhere() {
    let place = |lat, lon| MapPlace { name: "Here".into(), lat, lon, amount: 5.0, beyond: false };
    for (name, places) in [
        ("pacific", vec![place(-18.1, 178.4), place(-13.8, -171.8), place(-36.8, 174.8)]),
        (
            "world",
            vec![place(60.0, -150.0), place(-40.0, -70.0), place(-35.0, 150.0), place(65.0, 170.0), place(0.0, 20.0)],
        ),
        ("caspian", vec![place(43.0, 47.0), place(37.0, 54.0)]),
        ("burundi", vec![place(-3.4, 29.4), place(-2.2, 30.5)]),
        ("pole", vec![place(90.0, 10.0), place(-90.0, 10.0), place(0.0, 30.0)]),
        ("alone", vec![place(32.0, 13.0)]),
        ("same", vec![place(32.0, 13.0), place(32.0, 13.0)]),
    ] {
        let links = vec![MapLink { from: 0, to: places.len() - 1, amount: 7.0, mode: MapMode::Land }];
        let svg = both(name, &flow_map(&FlowMap { title: name.into(), places, links, ..FlowMap::default() }));
        assert!(says(&svg, "Here"), "{name}");
    }
}

#[test]
fn nothing_to_draw() {
    assert!(says(&both("empty-lines", &line_chart(&LineChart::default())), "no data"));
    assert!(says(&both("empty-areas", &stacked_areas(&StackedAreas::default())), "no data"));
    assert!(says(&both("empty-bars", &bar_chart(&BarChart::default())), "no data"));
    assert!(says(&both("empty-map", &flow_map(&FlowMap::default())), "no data"));
    let panels = vec![Panel { title: "Empty".into(), ..Panel::default() }, arrivals().panels[0].clone()];
    assert!(says(&both("empty-panel", &line_chart(&LineChart { panels, ..arrivals() })), "no data"));
}

#[test]
fn strange_numbers() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -5.0, 1e-9, 1e15, f64::MAX, f64::MIN] {
        let values = vec![(day(0), 1.0), (day(1), value), (day(2), 2.0), (day(3), 3.0)];
        let band = vec![(day(0), 0.5, value), (day(1), value, 2.0), (day(2), 1.0, 3.0)];
        let records = vec![Recorded { date: day(1), value, low: value, high: f64::NAN }];
        let series = vec![Series { name: "a".into(), values, band }];
        let panels = vec![Panel { title: String::new(), series, records }];
        both("strange-lines", &line_chart(&LineChart { panels, ..LineChart::default() }));
        let layers = vec![("a".into(), vec![value, 1.0]), ("b".into(), vec![]), ("c".into(), vec![value; 9])];
        let dates = vec![day(0), day(1), day(2)];
        both("strange-areas", &stacked_areas(&StackedAreas { dates, layers, ..StackedAreas::default() }));
        let bars = vec![
            Bar { name: "a".into(), value, range: Some((value, 1.0)), reference: true },
            Bar { name: "b".into(), value: 3.0, range: Some((value, value)), reference: false },
        ];
        both("strange-bars", &bar_chart(&BarChart { bars, ..BarChart::default() }));
        let mut map = routes();
        map.places[0].lat = value;
        map.places[1].lon = value;
        map.places[2].amount = value;
        map.links[3].amount = value;
        map.links.push(MapLink { from: 999, to: 0, amount: 1.0, mode: MapMode::Air });
        both("strange-map", &flow_map(&map));
    }
}

#[test]
fn one_point_and_all_zero() {
    let one = Series { name: "one".into(), values: vec![(day(0), 7.0)], band: vec![(day(0), 6.0, 8.0)] };
    let zero = Series { name: "zero".into(), values: (0..9).map(|k| (day(k), 0.0)).collect(), band: vec![] };
    for (name, series) in [("one", one), ("zero", zero)] {
        let panels = vec![Panel { title: name.into(), series: vec![series], records: vec![] }];
        assert!(says(&both(name, &line_chart(&LineChart { panels, ..LineChart::default() })), name));
    }
    for (name, days) in [("one-area", 1), ("zero-areas", 5)] {
        let layers =
            vec![("a".to_owned(), vec![0.0; days]), ("b".to_owned(), vec![if days == 1 { 4.0 } else { 0.0 }; days])];
        let dates = (0..days as u64).map(day).collect();
        assert!(says(&both(name, &stacked_areas(&StackedAreas { dates, layers, ..StackedAreas::default() })), "b"));
    }
    let bars = vec![Bar { name: "none".into(), ..Bar::default() }];
    assert!(says(&both("zero-bars", &bar_chart(&BarChart { bars, ..BarChart::default() })), "none"));
}

#[test]
fn texts_of_any_kind() {
    let name = "<b> & \"quoted\" \u{7} \n 'x' ليبيا 利比亚 ".to_owned() + &"long ".repeat(80);
    let mut chart = arrivals();
    (chart.title, chart.subtitle, chart.note, chart.y_title) = (name.clone(), name.clone(), name.clone(), name.clone());
    chart.panels[0].title = name.clone();
    chart.panels[0].series[0].name = name.clone();
    let svg = both("texts", &line_chart(&chart));
    assert!(!svg.contains("<b>") && !svg.contains('\u{7}'));
    let bars = vec![Bar { name: name.clone(), value: 2.0, ..Bar::default() }];
    both("texts-bars", &bar_chart(&BarChart { title: name.clone(), bars, ..BarChart::default() }));
    let mut map = routes();
    map.places[0].name = name.clone();
    map.places[19].name = name;
    both("texts-map", &flow_map(&map));
}

#[test]
fn many_panels_and_bars() {
    let panel = |k: usize| Panel { title: format!("Country {k}"), ..arrivals().panels[0].clone() };
    let svg = both("many-panels", &line_chart(&LineChart { panels: (0..17).map(panel).collect(), ..arrivals() }));
    assert!(says(&svg, "Country 16"));
    let bar = |k: usize| Bar { name: format!("Strategy {k}"), value: k as f64, range: None, reference: k == 3 };
    let svg = both("many-bars", &bar_chart(&BarChart { bars: (0..40).map(bar).collect(), ..strategies() }));
    assert!(says(&svg, "Strategy 39"));
}
