/** Colours by what they mean. Every ink is readable (WCAG AA) on every surface, in both schemes. */
const LIGHT = `
  --canvas: #f5f6f8; --surface: #ffffff; --surface-2: #f0f2f5; --line: #dce0e6; --line-strong: #8a93a1;
  --ink: #161a20; --ink-2: #454d5a; --ink-3: #5d6673; --accent: #1f55c4;
  --ok: #17713f; --warning: #8a5200; --critical: #bb1f2a; --info: #1f55c4; --neutral: #5d6673;
  --ok-soft: #e4f4ea; --warning-soft: #fcf0d9; --critical-soft: #fde7e7; --info-soft: #e6eefc; --neutral-soft: #eceff3;
  --series-1: #2f6fde; --series-2: #b35c00; --series-3: #23805a; --series-4: #8a4fc7; --series-5: #b0376f; --series-6: #52606f;
  --band: #2f6fde2b; --shade: 0 1px 2px #0b132014;
  --reference: #a3acb9; --heat-near: #f1e0b0; --heat-warning: #e3a53a; --heat-critical: #bb1f2a; --heat-ink: #161a20; --heat-ink-critical: #ffffff;`;
const DARK = `
  --canvas: #0e1116; --surface: #161a21; --surface-2: #1e242d; --line: #2b323d; --line-strong: #75808f;
  --ink: #e8ebf0; --ink-2: #b6bec9; --ink-3: #97a1af; --accent: #85aeff;
  --ok: #58c98f; --warning: #eeb458; --critical: #ff8787; --info: #85aeff; --neutral: #97a1af;
  --ok-soft: #12291e; --warning-soft: #302410; --critical-soft: #381a1d; --info-soft: #17233c; --neutral-soft: #232933;
  --series-1: #79a6ff; --series-2: #f0a35c; --series-3: #5cc79a; --series-4: #c39bf0; --series-5: #f08ab4; --series-6: #a7b1bf;
  --band: #79a6ff33; --shade: none;
  --reference: #6f7a89; --heat-near: #4a3d1c; --heat-warning: #cf9226; --heat-critical: #f0686d; --heat-ink: #0e1116; --heat-ink-critical: #0e1116;`;

/** The style of console and report: light and dark as the viewer has it, print, phones. Classes are named after the parts in this folder. */
export const STYLESHEET = `:root {${LIGHT}
  color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :root {${DARK}
  }
}

*, ::before, ::after { box-sizing: border-box; }
[hidden] { display: none !important; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--canvas); color: var(--ink); font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; overflow-wrap: break-word; }
h1, h2, h3, h4 { margin: 0; line-height: 1.25; font-weight: 600; text-wrap: balance; }
h1 { font-size: 22px; } h2 { font-size: 16px; } h3 { font-size: 14px; } h4 { font-size: 13px; }
p { margin: 0 0 8px; max-width: 75ch; } p:last-child { margin-bottom: 0; }
ul, ol { margin: 0 0 8px; padding-left: 20px; }
a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
p a, li p a, .notice a, .empty a { text-decoration: underline; text-underline-offset: 2px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
:target { scroll-margin-top: 16px; }
code, pre, kbd { font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
code { background: var(--surface-2); border-radius: 3px; padding: 1px 4px; }
kbd { border: 1px solid var(--line-strong); border-radius: 4px; padding: 0 5px; color: var(--ink-2); }
hr { border: 0; border-top: 1px solid var(--line); margin: 16px 0; }
svg text { font-family: inherit; }
svg, img { max-width: 100%; }
.visually-hidden { position: absolute; width: 1px; height: 1px; margin: -1px; padding: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; border: 0; }
.note, .muted { color: var(--ink-3); } .note { margin-bottom: 8px; }
.numeric { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.instant { font-variant-numeric: tabular-nums; white-space: nowrap; }
.stacked > * + * { margin-top: 16px; }
.grid { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); align-items: start; }
.grid > * { min-width: 0; }
.with-side { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr) 320px; align-items: start; }
@media (max-width: 1000px) { .with-side { grid-template-columns: minmax(0, 1fr); } }
.row { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; }
.row.between { justify-content: space-between; }

.icon { flex: none; vertical-align: -2px; }
.tone-ok { color: var(--ok); } .tone-warning { color: var(--warning); } .tone-critical { color: var(--critical); }
.tone-info { color: var(--info); } .tone-neutral { color: var(--neutral); }
.badge { display: inline-flex; align-items: center; vertical-align: middle; gap: 5px; padding: 1px 8px 1px 6px; border-radius: 4px; font-size: 12.5px; font-weight: 600; line-height: 20px; white-space: nowrap; }
.badge.tone-ok { background: var(--ok-soft); } .badge.tone-warning { background: var(--warning-soft); }
.badge.tone-critical { background: var(--critical-soft); } .badge.tone-info { background: var(--info-soft); }
.badge.tone-neutral { background: var(--neutral-soft); }

.panel { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; padding: 16px; box-shadow: var(--shade); min-width: 0; }
.panel .panel { border-radius: 6px; box-shadow: none; }
.panel-head { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 4px 16px; margin-bottom: 10px; }
.panel-actions { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; }
.panel + .panel { margin-top: 16px; } .grid > .panel + .panel, .stacked > .panel + .panel { margin-top: 0; }
.stacked > .panel + .panel { margin-top: 16px; }

.table-scroll { overflow-x: auto; max-width: 100%; }
.panel > .table-scroll { margin: 0 -16px -16px; border-radius: 0 0 8px 8px; }
.table { border-collapse: collapse; width: 100%; }
.table caption { text-align: left; color: var(--ink-2); padding: 0 12px 8px; }
/* A table that begins its panel begins at its edge. */
.panel > .table-scroll:first-child { margin-top: -10px; }
.panel > .table-scroll .table caption { padding: 0 16px 8px; }
.table caption.visually-hidden.visually-hidden { padding: 0; }
.table th, .table td { padding: 7px 12px; text-align: left; vertical-align: middle; border-top: 1px solid var(--line); }
.table thead th { color: var(--ink-3); font-size: 12.5px; font-weight: 500; white-space: nowrap; border-top: 0; }
.table tbody th { font-weight: 600; }
.table th.numeric, .table td.numeric { text-align: right; }
.panel > .table-scroll .table :is(th, td):first-child { padding-left: 16px; }
.panel > .table-scroll .table :is(th, td):last-child { padding-right: 16px; }
.table tbody tr:hover { background: var(--surface-2); }
.empty-rows { color: var(--ink-3); }

.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 170px), 1fr)); gap: 12px 20px; margin: 0; }
.facts dt { color: var(--ink-3); font-size: 12.5px; } .facts dd { margin: 0; font-variant-numeric: tabular-nums; }

.meter { white-space: nowrap; display: inline-flex; align-items: center; gap: 8px; font-variant-numeric: tabular-nums; }
.meter svg { width: 72px; height: 8px; } .meter-track { fill: var(--surface-2); stroke: var(--line); } .meter-fill { fill: currentColor; }

.sparkline { color: var(--ink-3); vertical-align: middle; flex: none; }

.notice { display: flex; gap: 10px; align-items: flex-start; padding: 10px 12px; border-radius: 6px; border: 1px solid currentColor; margin-bottom: 16px; }
.notice > .icon { margin-top: 3px; } .notice > div { color: var(--ink); min-width: 0; }
.notice.tone-ok { background: var(--ok-soft); } .notice.tone-warning { background: var(--warning-soft); }
.notice.tone-critical { background: var(--critical-soft); } .notice.tone-info { background: var(--info-soft); }
.notice.tone-neutral { background: var(--neutral-soft); }

.empty { padding: 12px 0; color: var(--ink-2); } .empty-title { font-weight: 600; color: var(--ink); font-size: 15px; margin-bottom: 4px; }
.code { background: var(--surface-2); border: 1px solid var(--line); border-radius: 6px; padding: 10px 12px; margin: 8px 0; overflow-x: auto; }
.code code { background: none; padding: 0; }
.markup { min-width: 0; overflow-x: auto; } .markup svg { display: block; height: auto; }

.verdict { display: flex; gap: 12px; align-items: flex-start; } .verdict .icon { width: 22px; height: 22px; margin-top: 3px; }
.verdict-sentence { font-size: 18px; line-height: 1.45; font-weight: 550; margin: 0; max-width: 80ch; text-wrap: pretty; }
.changes { list-style: none; margin: 0; padding: 0; } .changes li { display: grid; grid-template-columns: 136px 18px 1fr; gap: 2px 8px; padding: 5px 0; border-top: 1px solid var(--line); }
.changes li:first-child { border-top: 0; } .changes .icon { margin-top: 4px; }
.key { display: flex; flex-wrap: wrap; gap: 4px 16px; list-style: none; margin: 0 0 8px; padding: 0; color: var(--ink-2); font-size: 13px; }
.key li { display: inline-flex; align-items: center; gap: 6px; } .key svg { flex: none; }
.distributions { display: grid; gap: 16px 24px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr)); margin-top: 16px; align-items: start; }
.distributions figure { margin: 0; min-width: 0; } .distributions figcaption { margin-bottom: 4px; } .distributions figcaption b { overflow-wrap: anywhere; }
.chart-narrow { display: none; } .chart-wide svg { width: 100%; } .nowrap { white-space: nowrap; } .wide-cell { display: block; min-width: 16em; } .anywhere { overflow-wrap: anywhere; } td .anywhere, th .anywhere { display: inline-block; max-width: 22em; overflow-wrap: break-word; }
.panel > .table-scroll { max-width: none; } .panel > .table-scroll:not(:last-child) { margin-bottom: 8px; } .panel h3 { margin-top: 20px; } .panel-head + h3 { margin-top: 0; }
details { margin-top: 12px; } summary { cursor: pointer; color: var(--accent); } details > .table-scroll { margin-top: 8px; }
.report { max-width: 1080px; } .report-head { margin-bottom: 16px; } .report-head h1 { overflow-wrap: anywhere; } .report-head p { color: var(--ink-3); margin: 4px 0 0; }

.tabs { margin-bottom: 16px; border-bottom: 1px solid var(--line); overflow-x: auto; }
.tabs ul { display: flex; gap: 4px; list-style: none; margin: 0; padding: 0; }
.tabs a { display: block; padding: 8px 10px; color: var(--ink-2); white-space: nowrap; border-bottom: 2px solid transparent; }
.tabs a:hover { color: var(--ink); text-decoration: none; border-color: var(--line-strong); }
.tabs a[aria-current] { color: var(--ink); font-weight: 600; border-color: var(--accent); }
.tabs a:focus-visible { outline-offset: -2px; }
.count { color: var(--ink-3); font-weight: 400; font-variant-numeric: tabular-nums; }
.pager { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 8px; padding-top: 12px; color: var(--ink-3); }
.panel > .table-scroll + .pager { margin-top: 16px; border-top: 1px solid var(--line); }
.pager .disabled { color: var(--ink-3); }

button, .button { display: inline-block; font: inherit; font-weight: 500; line-height: 20px; padding: 5px 12px; border-radius: 6px; border: 1px solid var(--line-strong); background: var(--surface); color: var(--ink); cursor: pointer; }
button:hover, .button:hover { background: var(--surface-2); text-decoration: none; }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--surface); }
button.primary:hover { filter: brightness(1.08); }
button.danger { color: var(--critical); border-color: currentColor; }
button.plain { border-color: transparent; background: none; color: var(--ink-2); padding-inline: 8px; }
button.plain:hover { color: var(--ink); background: var(--surface-2); }
label { font-weight: 500; }
.field { display: flex; flex-direction: column; gap: 4px; } .field .hint { color: var(--ink-3); font-weight: 400; }
input, select, textarea { font: inherit; color: inherit; background: var(--surface); border: 1px solid var(--line-strong); border-radius: 6px; padding: 5px 10px; max-width: 100%; min-height: 34px; }
input[type=checkbox], input[type=radio] { padding: 0; min-height: 0; }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; } legend { font-weight: 500; padding: 0; margin-bottom: 4px; }
:is(form:not(.filters, .stacked), form details) > :is(.field, fieldset) + :is(.field, button, .row) { margin-top: 10px; }
form details > summary { margin-bottom: 6px; }
.choice { display: flex; gap: 8px; align-items: baseline; font-weight: 400; }
.filters { display: flex; flex-wrap: wrap; gap: 10px 12px; align-items: end; margin-bottom: 16px; }

.skip { position: absolute; left: 8px; top: -60px; background: var(--surface); color: var(--ink); padding: 8px 12px; border: 2px solid var(--accent); border-radius: 6px; z-index: 2; }
.skip:focus { top: 8px; }
.top { background: var(--surface); border-bottom: 1px solid var(--line); }
.top-inner { max-width: 1320px; margin: 0 auto; padding: 0 20px; display: flex; flex-wrap: wrap; align-items: center; gap: 0 20px; min-height: 48px; }
.brand { display: inline-flex; align-items: center; gap: 8px; color: var(--ink); font-weight: 650; font-size: 15px; padding: 8px 0; } .brand:hover { text-decoration: none; }
.brand svg { color: var(--accent); }
.top nav ul { display: flex; gap: 4px; list-style: none; margin: 0; padding: 0; }
.top nav a { display: block; padding: 13px 10px; color: var(--ink-2); border-bottom: 2px solid transparent; }
.top nav a:hover { color: var(--ink); text-decoration: none; } .top nav a[aria-current] { color: var(--ink); font-weight: 600; border-color: var(--accent); }
.top nav a:focus-visible { outline-offset: -2px; }
.who { margin-left: auto; display: flex; align-items: center; gap: 4px 12px; color: var(--ink-3); font-size: 13px; }
main { max-width: 1320px; margin: 0 auto; padding: 20px; } main:focus { outline: none; }
.page-head { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; gap: 8px 16px; margin-bottom: 16px; }
.page-head > div { min-width: 0; }
.crumbs ol { display: flex; flex-wrap: wrap; gap: 4px; list-style: none; margin: 0 0 4px; padding: 0; font-size: 13px; color: var(--ink-3); }
.crumbs li + li::before { content: "/"; margin-right: 4px; color: var(--line-strong); }
.foot { max-width: 1320px; margin: 0 auto; padding: 4px 20px 24px; color: var(--ink-3); font-size: 13px; display: flex; flex-wrap: wrap; gap: 4px 16px; }
.foot a { text-decoration: underline; text-underline-offset: 2px; }
.chips { display: flex; flex-wrap: wrap; gap: 8px; list-style: none; margin: 0 0 16px; padding: 0; }
.chip { display: inline-flex; align-items: center; gap: 6px; padding: 3px 10px; border: 1px solid var(--line); border-radius: 6px; background: var(--surface); color: var(--ink-2); }
.chip:hover { border-color: var(--line-strong); text-decoration: none; } .chip[aria-current] { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); color: var(--ink); }
.chip b { font-weight: 600; color: var(--ink); font-variant-numeric: tabular-nums; }
.narrow-page { max-width: 480px; margin: 8vh auto 0; }

@media screen and (max-width: 700px) {
  .chart-wide { display: none; } .chart-narrow { display: block; }
  .changes li { grid-template-columns: 18px 1fr; } .changes li > :first-child { grid-column: 2; color: var(--ink-3); } .changes .icon { grid-row: 1; }
  .verdict-sentence { font-size: 17px; } .wide-cell { min-width: 0; } .table.stack td:has(> .wide-cell) { grid-column: 1 / -1; } :is(td, th) .anywhere { max-width: 100%; }
  body { font-size: 15px; }
  main, .top-inner, .foot { padding-inline: 14px; } main { padding-block: 14px; }
  .panel > .table-scroll:first-child:first-child { margin-top: -14px; }
  .panel { padding: 14px; } .panel > .table-scroll { margin: 0 -14px -14px; }
  .narrow-hide { display: none; }
  .top nav { order: 3; width: 100%; margin-inline: -10px; }
  .top nav a { padding-block: 8px; }
  .filters > .field { flex: 1 1 140px; } .filters input, .filters select { width: 100%; }
  button, .button, input, select, textarea { min-height: 38px; }
  .table.stack, .table.stack tbody { display: block; }
  .table.stack caption:not(.visually-hidden) { display: block; width: 100%; }
  .table.stack thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .table.stack tr { display: grid; grid-template-columns: repeat(auto-fill, minmax(120px, 1fr)); gap: 8px 12px; padding: 12px 14px; border-top: 1px solid var(--line); }
  .table.stack :is(th, td):is(th, td) { display: block; padding: 0 !important; border: 0; text-align: left; white-space: normal; min-width: 0; }
  .table.stack tbody th { grid-column: 1 / -1; order: -1; }
  .table.stack td::before { content: attr(data-label); display: block; color: var(--ink-3); font-size: 12.5px; }
  .table.stack .narrow-hide { display: none; }
}

@media print {
  :root {${LIGHT}
    --canvas: #ffffff; color-scheme: light;
  }
  body { font-size: 10.5pt; } main { max-width: none; padding: 0; }
  .top, .foot, .tabs, .filters, .pager, .skip, form, .panel-actions { display: none !important; }
  .panel { border-color: var(--line-strong); box-shadow: none; }
  .table { font-size: 8.5pt; } .table th, .table td { padding: 4px 6px; } .table thead th, .table .instant, .table .nowrap { white-space: normal; } .wide-cell { min-width: 11em; }
  .badge { font-size: 8.5pt; }
  .panel, .markup, tr, figure { break-inside: avoid; } .panel:has(tr:nth-child(20)) { break-inside: auto; }
  h1, h2, h3, .panel-head { break-after: avoid; }
  .table-scroll, .markup, .code { overflow: visible; } .code code { white-space: pre-wrap; }
  thead { display: table-header-group; } details::details-content { content-visibility: visible; display: block; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
