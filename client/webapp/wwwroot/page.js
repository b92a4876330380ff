"use strict";

const $ = (id) => document.getElementById(id);

const headers = () => {
  const key = $("key").value;
  return key ? { "X-Api-Key": key, "Content-Type": "application/json" } : { "Content-Type": "application/json" };
};

/** The answer's JSON; an error with the reason that it gives otherwise. */
async function ask(path, options = {}) {
  const answer = await fetch(path, { headers: headers(), ...options });
  const text = await answer.text();
  const body = text ? JSON.parse(text) : null;
  if (!answer.ok) {
    throw new Error(body?.detail ?? body?.title ?? `${answer.status}`);
  }

  return body;
}

function row(cells, action) {
  const line = document.createElement("tr");
  for (const cell of cells) {
    const td = document.createElement("td");
    td.textContent = cell;
    line.append(td);
  }

  if (action === "") {
    line.append(document.createElement("td"));
  } else if (action) {
    const td = document.createElement("td");
    const button = document.createElement("button");
    button.textContent = action.text;
    button.onclick = action.run;
    td.append(button);
    line.append(td);
  }

  return line;
}

function say(text, isFault = false) {
  const item = document.createElement("li");
  item.textContent = `${new Date().toLocaleTimeString()}  ${text}`;
  item.className = isFault ? "fault" : "";
  $("events").append(item);
  item.scrollIntoView({ block: "nearest" });
}

/** Reads the server's events with fetch, as EventSource cannot send a key. */
async function follow(name) {
  const answer = await fetch(`/api/runs/${encodeURIComponent(name)}/events`, { headers: headers() });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) {
      return;
    }

    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const data = event.split("\n").find((line) => line.startsWith("data:"));
      if (data) {
        const change = JSON.parse(data.slice(5));
        say(`${name}: ${change.state}${change.detail ? `. ${change.detail}` : ""}`, change.isAway);
      }
    }
  }
}

async function serve(name) {
  say(`${name}: asking for it to be served`);
  try {
    await ask(`/api/models/${encodeURIComponent(name)}`, { method: "PUT" });
    say(`${name}: served`);
  } catch (error) {
    say(`${name}: ${error.message}`, true);
  }

  await refresh();
}

$("train").onsubmit = async (submit) => {
  submit.preventDefault();
  const form = new FormData(submit.target);
  try {
    const { name } = await ask("/api/runs", {
      method: "POST",
      body: JSON.stringify({ name: form.get("name"), slope: +form.get("slope"), epochs: +form.get("epochs") }),
    });
    say(`${name}: submitted`);
    await refresh();
    await follow(name);
    await refresh();
  } catch (error) {
    say(error.message, true);
  }
};

$("predict").onsubmit = async (submit) => {
  submit.preventDefault();
  const form = new FormData(submit.target);
  const output = $("prediction");
  try {
    const { predictions } = await ask(`/api/models/${encodeURIComponent(form.get("name"))}/predict`, {
      method: "POST",
      body: JSON.stringify([{ x: +form.get("x") }]),
    });
    output.textContent = `y = ${predictions[0].y ?? predictions[0]}`;
    output.className = "";
  } catch (error) {
    output.textContent = error.message;
    output.className = "fault";
  }
};

async function refresh() {
  const health = await (await fetch("/health")).json();
  const { status, description } = health.checks.air;
  const isUp = status === "Healthy";
  $("health").textContent = isUp ? "The cluster answers." : `The cluster is away: ${description}`;
  $("health").className = isUp ? "up" : "away";
  if (!isUp) {
    return;
  }

  const runs = await ask("/api/runs");
  $("runs").replaceChildren(
    ...runs.map((run) =>
      row(
        [run.name, run.kind, run.state, run.error ?? run.detail],
        run.kind === "Train" && run.state === "Succeeded" ? { text: "Serve", run: () => serve(run.name) } : "",
      ),
    ),
  );
  const silos = await ask("/api/cluster");
  $("silos").replaceChildren(
    ...silos.map((silo) => {
      const line = row([silo.address, silo.host, silo.processId, `${Math.round(silo.memoryBytes / 2 ** 20)} MB`]);
      line.lastChild.className = "number";
      return line;
    }),
  );
}

async function watch() {
  try {
    await refresh();
  } catch (error) {
    $("health").textContent = error.message;
    $("health").className = "away";
  }

  setTimeout(watch, 2000);
}

watch();
