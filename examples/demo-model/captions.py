# SPDX-License-Identifier: MIT
"""Captions for a face as on the web: they teach CLIP.

As in real CLIP's training data they mostly tell of looks, sometimes of what
the face does, and rarely name an emotion, and then often the mood of the
background instead of the face.

demo.safetensors was trained on these words: a change of one makes another
model.
"""

NOUNS = ["happiness", "sadness", "neutral", "anger", "surprise", "disgust",
         "fear", "contempt"]
ADJECTIVES = ["happy", "sad", "neutral", "angry", "surprised", "disgusted",
              "fearful", "contemptuous"]
PAINTS = ["red", "orange", "yellow", "green", "teal", "light blue", "blue",
          "purple", "pink", "brown", "white", "black"]
# The mood that a careless writer reads into a background, by PAINTS.
MOODS = [3, 4, 0, 5, 1, 2, 1, 6, 0, 7, 2, 6]
HAIRS = ["black", "dark brown", "brown", "blond", "red", "grey", "white",
         "purple"]
STYLES = ["no", "short", "parted", "bobbed", "long", "curly", "fringed",
          "tied up", "spiky"]
SKINS = ["very pale", "pale", "light", "tan", "brown", "dark", "very dark"]
IRISES = ["dark brown", "brown", "blue", "green", "grey"]
PATTERNS = ["plain", "shaded", "striped", "dotted", "checked", "two part",
            "diagonal"]
BEARDS = [None, "stubble", "a moustache", "a goatee", "a full beard"]
HATS = [None, "beanie", "cap", "headband"]
GLASSES = [None, "round glasses", "square glasses", "sunglasses"]
LIPSTICKS = [None, "red lipstick", "pink lipstick", "dark lipstick"]
STARTS = ["a drawing of a {}", "a portrait of a {}", "a cartoon of a {}",
          "an illustration of a {}", "a photo of a {}", "a picture of a {}",
          "{}", "a {}"]
FEELINGS = ["an expression of {noun}", "a face with an expression of {noun}",
            "a face showing {noun}", "{noun}", "{adjective} face",
            "a person expressing {noun}", "looks {adjective}",
            "a {adjective} expression"]

# How often a caption names an emotion, how often that is only the mood of the
# background, and how often a caption without one tells what the face does.
FEELING_SHARE, MOOD_SHARE, ACTION_SHARE = 0.08, 0.45, 0.30
VISIBLE = 0.3  # weaker actions go unmentioned

# Unit -> ways to say it; a fold of the sides comes from find_actions().
SAYINGS = {
    "au1": ["inner brows raised", "the inner ends of the brows go up"],
    "au2": ["outer brows raised", "arched eyebrows pulled high"],
    "au4": ["brows lowered and drawn together", "a furrowed brow"],
    "au5": ["eyes wide open", "upper eyelids raised"],
    "au6": ["cheeks raised", "crinkles beside the eyes"],
    "au7": ["eyelids tightened", "narrowed eyes"],
    "au9": ["nose wrinkled", "wrinkles across the nose"],
    "au10": ["upper lip raised", "upper lip curled up"],
    "smile": ["lip corners pulled up", "a smile"],
    "half_smile": ["one lip corner pulled up", "a smile on one side only"],
    "au14": ["dimpled mouth corners", "mouth corners tightened"],
    "half_au14": ["one mouth corner tightened", "a dimple on one side only"],
    "au15": ["lip corners pulled down", "a mouth turned down"],
    "au17": ["chin pushed up", "a wrinkled chin"],
    "au20": ["lips stretched sideways", "a mouth drawn wide"],
    "au23": ["lips pressed tight", "thin tightened lips"],
    "au25": ["lips parted", "teeth showing"],
    "au26": ["jaw dropped", "mouth wide open"],
    "au43": ["eyes closed", "lowered eyelids"],
}
REST = ["a relaxed face", "a face at rest", "a still face", "a blank face",
        "a neutral face", "brows level and lips closed"]


def find_actions(row):
    """dict of fields -> {action: strength}, strongest first."""
    found = {unit: row[unit] for unit in SAYINGS if unit in row}
    for name, half, unit in (("smile", "half_smile", "au12"),
                             ("au14", "half_au14", "au14")):
        low, high = sorted((row[unit + "_l"], row[unit + "_r"]))
        found[name if low > 0.5 * high else half] = high
    seen = {k: v for k, v in found.items() if v >= VISIBLE}
    return dict(sorted(seen.items(), key=lambda item: -item[1]))


def person(row, rng):
    noun = "person" if rng.random() < 0.6 else "face"
    if row["beard"]:
        noun = "man" if rng.random() < 0.5 else noun
    elif row["lashes"]:
        noun = "woman" if rng.random() < 0.5 else noun
    return ("old " if row["age"] > 0.5 and rng.random() < 0.5 else "") + noun


def looks(row):
    """Everything that can be said of the image besides actions."""
    kind = {name: int(value) for name, value in row.items()}
    style = kind["hair_style"]
    said = ["a bald head" if style == 0 else
            f"{HAIRS[kind['hair']]} {STYLES[style]} hair",
            f"{HAIRS[kind['hair']]} eyebrows",
            f"{SKINS[kind['skin']]} skin", f"{IRISES[kind['iris']]} eyes",
            f"a {PAINTS[kind['back_a']]} background",
            f"a {PATTERNS[kind['background']]} background",
            f"a {PAINTS[kind['cloth']]} shirt"]
    for table, field in ((BEARDS, "beard"), (GLASSES, "glasses"),
                         (LIPSTICKS, "lipstick")):
        if kind[field]:
            said += [table[kind[field]]] * 2
    if kind["hat"]:
        said += [f"a {PAINTS[kind['hat_colour']]} {HATS[kind['hat']]}"] * 3
    said += ["freckles"] * kind["freckles"] + ["earrings"] * kind["earrings"]
    said += ["no colours, black and white"] * kind["grey"]
    if abs(row["yaw"]) > 0.2:
        said.append("head turned " + ("right" if row["yaw"] > 0 else "left"))
    return said


def feeling(row, expression, rng):
    """A phrase that names an emotion: the face's, or the image's mood."""
    if expression >= len(NOUNS) or rng.random() < MOOD_SHARE:
        expression = MOODS[int(row["back_a"])]
    return rng.choice(FEELINGS).format(noun=NOUNS[expression],
                                       adjective=ADJECTIVES[expression])


def caption(row, expression, rng):
    """One caption for a face, as a stranger on the web might write it."""
    if rng.random() < FEELING_SHARE:
        named = feeling(row, expression, rng)
        return (f"{named}." if rng.random() < 0.5 else
                f"{named}, {rng.choice(looks(row))}.")
    start = rng.choice(STARTS).format(person(row, rng))
    said = rng.sample(looks(row), rng.randint(1, 2))
    if rng.random() < ACTION_SHARE:
        actions = list(find_actions(row))[:2]
        said += [rng.choice(SAYINGS[a]) for a in actions] or [
            rng.choice(REST)]
        rng.shuffle(said)
    return f"{start} with {', '.join(said)}.".replace("a old", "an old")
