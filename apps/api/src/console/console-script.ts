/**
 * The one script of the console; pages work without it. It keeps the browser's time zone for the next page, writes the times of this
 * one anew where the server did not know the zone yet, and puts the cursor into the search field on "/". As formatInZone of
 * libs/report, it writes 2026-11-22 02:10.
 */
export const CONSOLE_SCRIPT = `(() => {
  'use strict';
  const root = document.documentElement;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && zone !== root.dataset.zone) {
    document.cookie = 'plumbline-zone=' + zone + '; Path=/; Max-Age=31536000; SameSite=Lax';
    const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' });
    const write = (iso, form) => {
      const part = {};
      for (const { type, value } of format.formatToParts(new Date(iso))) part[type] = value;
      const day = part.year + '-' + part.month + '-' + part.day;
      const minute = day + ' ' + part.hour + ':' + part.minute;
      return form === 'day' ? day : form === 'second' ? minute + ':' + part.second : minute;
    };
    for (const time of document.querySelectorAll('time[data-form]')) {
      if (time.dataset.form === 'ago') time.title = write(time.dateTime, 'minute');
      else time.textContent = write(time.dateTime, time.dataset.form);
    }
    for (const name of document.querySelectorAll('[data-zone-name]')) name.textContent = zone;
    root.dataset.zone = zone;
  }
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof Element && event.target.closest('input, select, textarea, [contenteditable]')) return;
    const search = document.querySelector('input[type=search]');
    if (search) {
      event.preventDefault();
      search.focus();
    }
  });
})();
`;
