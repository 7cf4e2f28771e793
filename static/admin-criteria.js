// A criterion as rows: feature, operator and values to choose from, in groups of all or any. The text below them stays what
// is sent; this writes it as JSON, and asks the server what it reads as and for whom it holds.

const WAIT = 250;
const GROUPS = { all: "all of", any: "any of", "not-all": "not all of", "not-any": "none of" };
const source = document.getElementById("criterion-vocabulary");
const say = source ? JSON.parse(document.getElementById("editing-words").textContent) : null;
const words = source ? JSON.parse(source.textContent) : null;

const form = document.getElementById("entry-form");

if (words) {
  showRows(form);
  form.addEventListener("row-added", (event) => showRows(event.target));
}

/** Show every criterion inside an element as rows. */
function showRows(within) {
  for (const criterion of within.querySelectorAll(".criterion")) {
    build(criterion);
  }
}

function build(criterion) {
  const area = criterion.querySelector("textarea");
  const reads = criterion.querySelector(".criterion-reads");
  const holder = element("div", "criterion-rows");
  const tools = element("div", "criterion-tools");
  const mode = element("select");
  mode.setAttribute("aria-label", say.whom);
  const switcher = button(say.asText, () => (area.hidden ? showText() : fromText()));
  let timer = 0;
  let tree = criterion.dataset.tree ? JSON.parse(criterion.dataset.tree) : undefined;
  let asText = area.value;

  mode.append(option("", sentence(criterion.dataset.empty)), option("when", say.onlyWith));
  if (criterion.dataset.never) {
    mode.append(option("never", say.never));
  }
  mode.addEventListener("change", () => {
    tree = mode.value === "never" ? "never" : mode.value === "when" ? comparison() : null;
    draw();
    changed();
  });
  area.before(tools, holder);
  tools.append(mode, switcher);
  area.addEventListener("input", () => ask(area.value));
  if (tree === undefined || !isPlain(tree)) {
    showText();
  } else {
    draw();
  }

  function showText() {
    area.hidden = false;
    area.value = asText;
    mode.hidden = true;
    holder.replaceChildren();
    switcher.textContent = say.asRows;
  }

  async function fromText() {
    const reading = await ask(area.value, 0);
    if (!reading || reading.problem || !isPlain(reading.tree)) {
      return;
    }
    tree = reading.tree;
    draw();
    write();
  }

  function draw() {
    area.hidden = true;
    mode.hidden = false;
    switcher.textContent = say.asText;
    mode.value = tree === "never" ? "never" : tree === null ? "" : "when";
    holder.replaceChildren();
    if (tree !== null && tree !== "never") {
      holder.append(node(tree, (next) => { tree = next; }, null));
    }
  }

  function write() {
    area.value = tree === null ? "" : tree === "never" ? "never" : JSON.stringify(tree);
  }

  function changed() {
    write();
    area.dispatchEvent(new Event("change", { bubbles: true }));
    ask(area.value);
  }

  function redraw() {
    draw();
    changed();
  }

  /** One comparison or group; `put` sets it in its place, `drop` takes it away. */
  function node(value, put, drop) {
    const denied = "not" in value;
    const inner = denied ? value.not : value;
    return "feature" in inner ? line(inner, denied, put, drop) : group(inner, denied, put, drop);
  }

  function group(inner, denied, put, drop) {
    const box = element("fieldset");
    const joint = "all" in inner ? "all" : "any";
    const parts = inner[joint];
    const head = element("div", "criterion-line");
    const kind = element("select");
    kind.setAttribute("aria-label", say.join);
    for (const [name, text] of Object.entries(GROUPS)) {
      kind.append(option(name, text));
    }
    kind.value = denied ? `not-${joint}` : joint;
    kind.addEventListener("change", () => {
      const one = { [kind.value.replace("not-", "")]: parts };
      put(kind.value.startsWith("not-") ? { not: one } : one);
      redraw();
    });
    head.append(kind);
    if (drop) {
      head.append(button(say.removeGroup, drop));
    }
    box.append(head);
    parts.forEach((part, place) => {
      const less = () => {
        parts.splice(place, 1);
        if (parts.length === 1 && !denied) {
          put(parts[0]);
        }
        redraw();
      };
      box.append(node(part, (next) => { parts[place] = next; }, parts.length > 1 ? less : drop));
    });
    const more = element("div", "criterion-tools");
    more.append(
      button(say.addComparison, () => { parts.push(comparison()); redraw(); }),
      button(say.addGroup, () => { parts.push({ [joint === "all" ? "any" : "all"]: [comparison(), comparison()] }); redraw(); }),
    );
    box.append(more);
    return box;
  }

  function line(inner, denied, put, drop) {
    const row = element("div", "criterion-line");
    const feature = words.features[inner.feature];
    const operator = Object.keys(inner).find((name) => name !== "feature");
    const set = (next, negated = denied) => put(negated ? { not: next } : next);

    const features = element("select");
    features.setAttribute("aria-label", say.feature);
    for (const [title, names] of words.groups) {
      const together = document.createElement("optgroup");
      together.label = title;
      together.append(...names.map((name) => option(name, words.features[name].label)));
      features.append(together);
    }
    features.value = inner.feature;
    features.addEventListener("change", () => { set(comparison(features.value), false); redraw(); });

    const operators = element("select");
    operators.setAttribute("aria-label", say.operator);
    for (const name of feature.operators) {
      operators.append(option(name, words.operators[name]), option(`not ${name}`, denial(name)));
    }
    operators.value = denied ? `not ${operator}` : operator;
    operators.addEventListener("change", () => {
      const name = operators.value.replace("not ", "");
      const kept = Array.isArray(inner[operator]) && !["is", "includes"].includes(name) ? inner[operator][0] : inner[operator];
      set({ feature: inner.feature, [name]: kept }, operators.value.startsWith("not "));
      redraw();
    });

    row.append(features, operators, values(feature, inner, operator));
    if (!drop) {
      row.append(button(say.and, () => { put({ all: [denied ? { not: inner } : inner, comparison()] }); redraw(); }));
      row.append(button(say.or, () => { put({ any: [denied ? { not: inner } : inner, comparison()] }); redraw(); }));
    } else {
      row.append(button(say.remove, drop));
    }
    return row;
  }

  function values(feature, inner, operator) {
    const box = element("span", "criterion-values");
    if (feature.kind === "flag") {
      const pick = element("select");
      pick.setAttribute("aria-label", say.value);
      pick.append(option("true", "yes"), option("false", "no"));
      pick.value = String(inner[operator]);
      pick.addEventListener("change", () => { inner[operator] = pick.value === "true"; changed(); });
      box.append(pick);
      return box;
    }
    if (["number", "count"].includes(feature.kind)) {
      const number = element("input");
      number.type = "number";
      number.setAttribute("aria-label", say.value);
      number.min = feature.low;
      number.max = feature.high;
      number.step = feature.kind === "count" ? 1 : "any";
      number.value = inner[operator];
      number.addEventListener("input", () => { inner[operator] = number.value === "" ? null : Number(number.value); changed(); });
      const range = element("span", "help");
      range.textContent = `${feature.unit} (${say.range.replace("{}", feature.low).replace("{}", feature.high)})`.trim();
      box.append(number, range);
      return box;
    }
    const choices = feature.kind === "set" ? words[feature.holds] : feature.values;
    const chosen = Array.isArray(inner[operator]) ? inner[operator] : [inner[operator]];
    const store = () => { inner[operator] = chosen.length === 1 ? chosen[0] : chosen; };
    chosen.forEach((value, place) => {
      const pick = element("select");
      pick.setAttribute("aria-label", say.value);
      for (const [key, text] of Object.entries(choices)) {
        pick.append(option(key, text));
      }
      pick.value = value;
      pick.addEventListener("change", () => { chosen[place] = pick.value; store(); changed(); });
      box.append(place ? ` ${say.orValue} ` : "", pick);
    });
    const rest = Object.keys(choices).find((key) => !chosen.includes(key));
    if (rest) {
      box.append(button(say.moreValue, () => { chosen.push(rest); store(); redraw(); }));
    }
    if (chosen.length > 1) {
      box.append(button(say.lessValue, () => { chosen.pop(); store(); redraw(); }));
    }
    return box;
  }

  /** What the text reads as, said below it; the answer, or null when another came in between. */
  function ask(text, wait = WAIT) {
    window.clearTimeout(timer);
    return new Promise((resolve) => {
      timer = window.setTimeout(async () => {
        const data = new URLSearchParams({ text, never: criterion.dataset.never });
        data.set("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
        try {
          const response = await fetch(form.dataset.criterion, { method: "POST", body: data, credentials: "same-origin" });
          const reading = await response.json();
          tell(reading);
          resolve(reading);
        } catch {
          resolve(null);
        }
      }, wait);
    });
  }

  function tell(reading) {
    reads.classList.toggle("wrong", Boolean(reading.problem));
    if (reading.problem) {
      reads.textContent = reading.problem;
      return;
    }
    asText = reading.text;
    const strong = element("strong", "criterion-sentence");
    strong.textContent = reading.tree === null ? criterion.dataset.empty : reading.sentence;
    reads.replaceChildren(`${say.reads} `, strong, reading.tree === null ? "." : `. ${reading.counts}`);
  }
}

/** Whether rows can show it: no comparison within several denials, nothing that always holds inside. */
function isPlain(tree) {
  if (tree === null || tree === "never") {
    return true;
  }
  if (typeof tree !== "object") {
    return false;
  }
  const inner = "not" in tree ? tree.not : tree;
  if ("feature" in inner) {
    return inner.feature in words.features;
  }
  const parts = inner.all ?? inner.any;
  return Array.isArray(parts) && parts.every((part) => isPlain(part) && part !== null);
}

/** A comparison of a feature to start from. */
function comparison(name = "ki67") {
  const feature = words.features[name];
  const operator = feature.operators[0];
  const choices = Object.keys(feature.kind === "set" ? words[feature.holds] : feature.values);
  const value = feature.kind === "flag" ? true : choices.length ? choices[0] : name === "ki67" ? 55 : feature.low;
  return { feature: name, [operator]: value };
}

function denial(operator) {
  return operator === "is" ? "is not" : operator === "includes" ? "do not include" : `not ${words.operators[operator]}`;
}

function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function element(name, className = "") {
  const made = document.createElement(name);
  if (className) {
    made.className = className;
  }
  return made;
}

function option(value, text) {
  const made = document.createElement("option");
  made.value = value;
  made.textContent = text;
  return made;
}

function button(text, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", action);
  return made;
}
