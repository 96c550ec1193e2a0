// Fills the browser's time zone into the forms that ask for it.
for (const field of document.querySelectorAll("[data-browser-time-zone]")) {
  field.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}
