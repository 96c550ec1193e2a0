// A conversation asks for what is new while it is looked at: a page in the background must not
// mark messages as read.
const SECONDS = 5;

function look() {
  const poll = document.querySelector("[data-conversation-poll]");
  if (poll && document.visibilityState === "visible") {
    window.htmx.trigger(poll, "look");
  }
}

setInterval(look, SECONDS * 1000);
document.addEventListener("visibilitychange", look);

// Without script the page begins at the top; whoever opens a long conversation wants its end.
if (!window.location.hash && !window.location.search) {
  document.getElementById("newest")?.scrollIntoView({ block: "center" });
}
