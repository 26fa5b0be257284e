// A question: judges what a reader commits to, then opens the answer, and remembers what was
// answered on this machine alone. `Number.judge` of question.py says the same of every answer.

const ANSWERS_KEPT = "inference-economics-answers";

// Where a browser keeps nothing, nothing is remembered, and all else works.
const answersKept = {
  all() {
    try {
      return { ...JSON.parse(localStorage.getItem(ANSWERS_KEPT)) };
    } catch {
      return {};
    }
  },
  change(id, text) {
    const { [id]: before, ...others } = this.all();
    try {
      localStorage.setItem(ANSWERS_KEPT, JSON.stringify(text === undefined ? others : { ...others, [id]: text }));
    } catch {
      // It holds until the page is left.
    }
  },
};

const factorApart = (value, other) => (value > 0 && other > 0 ? Math.max(value / other, other / value) : value === other ? 1 : Infinity);

function judgeNumber(data, text) {
  const value = parseTyped(text, data);
  let nearest = [data.value, data.right];
  for (const known of data.wrong) if (factorApart(value, known[0]) < factorApart(value, nearest[0])) nearest = known;
  const [known, says] = nearest;
  if (factorApart(value, known) <= data.within) return { right: known === data.value, says };
  const way = value > data.value ? "large" : "small";
  const apart = factorApart(value, data.value);
  const off = apart < data.close ? `Close, but too ${way}.` : `Too ${way}${apart > data.far ? ", by more than a factor of ten" : ""}.`;
  return { right: false, says: `${off} Try again. ${data.hint}` };
}

// Throws a QuantityError where the text is no answer.
const judgeAnswer = (data, text) => (data.options ? data.options[text] : judgeNumber(data, text));

function startQuestion(root) {
  const find = (selector) => root.querySelector(selector);
  const id = root.dataset.question;
  const form = find("form");
  const data = JSON.parse(form.dataset.judge);
  const said = find(".q-said");
  const answer = find(".q-answer");
  const first = find("[name=answer]");
  const clear = find("[type=reset]");

  // A status that says the same again is heard again.
  const say = (text) => {
    said.textContent = "";
    setTimeout(() => { said.textContent = text; });
  };

  const mark = ({ right }) => {
    root.dataset.committed = right ? "right" : "wrong";
    clear.hidden = false;
  };

  const judge = (text) => {
    first.removeAttribute("aria-invalid");
    try {
      return judgeAnswer(data, text);
    } catch (error) {
      if (!(error instanceof QuantityError)) throw error;
      first.setAttribute("aria-invalid", "true");
      return { refused: `${error.message}.` };
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = (new FormData(form).get("answer") ?? "").trim();
    const wanted = data.options ? "Choose an answer first." : "Write your answer first.";
    const judged = text ? judge(text) : { refused: wanted };
    say(judged.refused ?? judged.says);
    if (judged.refused) return first.focus();
    mark(judged);
    if (judged.right) answer.open = true;
    answersKept.change(id, text);
  });

  // JupyterLab keeps Enter from submitting a form.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input")) return;
    event.preventDefault();
    form.requestSubmit();
  });

  form.addEventListener("reset", () => {
    answersKept.change(id);
    delete root.dataset.committed;
    first.removeAttribute("aria-invalid");
    said.textContent = "";
    clear.hidden = true;
    answer.open = false;
    first.focus();
  });

  // What was answered, as far as it is still an answer.
  const before = answersKept.all()[id];
  if (typeof before === "string" && (!data.options || Object.hasOwn(data.options, before))) {
    const judged = judge(before);
    if (data.options) find(`[value="${before}"]`).checked = true;
    else first.value = judged.refused ? "" : before;
    first.removeAttribute("aria-invalid");
    if (!judged.refused) {
      mark(judged);
      said.textContent = judged.says;
    }
  }
  for (const control of form.querySelectorAll("input")) control.disabled = false;
  for (const row of form.querySelectorAll(".q-row")) row.hidden = false;
  // In JupyterLab arrows would move among cells.
  for (const control of root.querySelectorAll("input, button, summary")) control.dataset.lmSuppressShortcuts = "";
  root.dataset.live = "";
}

function startQuestions(page) {
  for (const root of page.querySelectorAll("[data-question]")) startQuestion(root);
}

function renderQuestion({ model, el }) {
  el.innerHTML = model.get("markup");
  startQuestions(el);
}
