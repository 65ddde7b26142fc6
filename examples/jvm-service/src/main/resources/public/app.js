const byId = id => document.getElementById(id);
let last = null;

function show(scores) {
  byId("bars").replaceChildren(...Object.entries(scores)
    .sort((a, b) => b[1] - a[1]).map(([name, probability]) => {
      const row = document.createElement("div");
      row.className = "row";
      row.innerHTML = "<span></span><div class=bar><div></div></div><span></span>";
      row.children[0].textContent = name;
      row.querySelector(".bar div").style.width = 100 * probability + "%";
      row.children[2].textContent = (100 * probability).toFixed(1) + " %";
      return row;
    }));
}

async function score(file) {
  last = file;
  byId("error").textContent = "";
  byId("bars").replaceChildren();
  byId("image").src = URL.createObjectURL(file);
  byId("image").hidden = false;
  const answer = await fetch("/v1/score?classes=" +
    encodeURIComponent(byId("classes").value), {method: "POST", body: file});
  const result = await answer.json();
  if (answer.ok) show(result.scores);
  else byId("error").textContent = result.message || result.title;
}

byId("file").onchange = e => e.target.files[0] && score(e.target.files[0]);
byId("classes").onchange = () => last && score(last);
byId("drop").ondragover = e => { e.preventDefault(); byId("drop").classList.add("over"); };
byId("drop").ondragleave = () => byId("drop").classList.remove("over");
byId("drop").ondrop = e => {
  e.preventDefault();
  byId("drop").classList.remove("over");
  if (e.dataTransfer.files[0]) score(e.dataTransfer.files[0]);
};
