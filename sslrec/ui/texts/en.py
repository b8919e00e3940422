"""The English texts; the sentences of errors are those of `sslrec.errors`."""

from sslrec.errors import MESSAGES

TEXTS = {
    # Frame
    "app.name": "sslrec studio",
    "app.footer": (
        "Everything is computed on this server. What you draw or send stays in memory for your visit and is not kept."
    ),
    "app.credits": (
        "Models: MNIST (LeCun, Cortes, Burges), pretrained without its labels. "
        "Sample digits: scikit-learn, from the UCI repository (Alpaydin, Kaynak)."
    ),
    "language.label": "Language",
    "language.short": "EN",
    "nav.home": "Home",
    "nav.digits": "Digits",
    # Home
    "home.title": "Learning without labels, on your own input",
    "home.lead": (
        "A model looks at tens of thousands of digits that nobody has labelled, and learns what a digit is. "
        "Then a handful of labels is enough. Draw one and see."
    ),
    "home.strip_alt": "Ten digits from 0 to 9 and what lies between them, as the model paints them",
    "home.strip": "Painted by the model on a walk through its code from 0 to 9, each picture from 64 numbers",
    "home.try": "What you can try",
    "home.card_draw": "Draw a digit",
    "home.card_draw_text": "While you draw, see what the model sees, how it rebuilds it and what it reads.",
    "home.card_labels": "Learn from 10 labels",
    "home.card_labels_text": "Your digit, read by networks that saw 1, 10, 100 or all labels per class.",
    "home.card_upload": "Send your own pictures",
    "home.card_upload_text": "Photos, scans, screenshots, many at once. A table and a CSV come back.",
    "home.card_repair": "Hide a part, walk the code",
    "home.card_repair_text": "Cover half a digit and watch it rebuilt, or turn a 3 into an 8 step by step.",
    "home.measured": "Measured on the 10,000 MNIST test digits",
    "home.here": "On this machine",
    "home.models": "Models",
    "home.data": "Data",
    "home.data_note": "The pages work without the data sets; only training and measuring anew need them.",
    "state.ok": "ready",
    "state.missing": "missing",
    "state.damaged": "damaged",
    "state.present": "present",
    "state.absent": "not here",
    "state.rebuild": "rebuild with",
    "model.autoencoder-64": "Autoencoder, code of 64 numbers",
    "model.autoencoder-32": "Autoencoder, code of 32 numbers",
    "model.denoiser-64": "Denoising autoencoder",
    "model.digit-encoder": "Self-supervised encoder",
    "model.digit-classifiers": "Classifiers for each label budget",
    "model.digit-novelty": "Novelty score",
    "data.mnist": "MNIST, 70,000 digits",
    "data.fashion_mnist": "Fashion-MNIST, 70,000 pictures of clothes",
    "data.digits": "scikit-learn's digits, 1,797",
    # Digits: frame
    "digits.title": "Digits",
    "digits.lead": (
        "Draw one, send one or pick one. The network that reads it learned what digits look like before it saw a label."
    ),
    "digits.canvas_name": "the canvas",
    "digits.camera_name": "photo",
    "source.label": "Where the digit comes from",
    "source.draw": "Draw",
    "source.samples": "Samples",
    "source.upload": "Upload",
    "source.camera": "Camera",
    # Canvas
    "canvas.label": "Drawing canvas for one digit. Arrow keys move the pen, space puts it down or lifts it.",
    "canvas.invitation": "Draw a digit, 0 to 9",
    "canvas.undo": "Undo",
    "canvas.clear": "Clear",
    "canvas.brush": "Brush",
    "canvas.keys": "Keyboard: arrows move, Shift for small steps, Space pen down or up, Ctrl+Z undo, Delete clear.",
    "canvas.pen_down": "Pen down",
    "canvas.pen_up": "Pen up",
    # Samples, upload, camera
    "samples.label": "Handwritten digits to try",
    "samples.alt": "A handwritten {label}",
    "samples.note": "From scikit-learn's set, 8 x 8 pixels each. The models have never seen these writers.",
    "upload.label": "Pictures of one digit each",
    "upload.help": "PNG, JPEG, WebP, GIF, BMP or TIFF. Any colours, any size, several at once.",
    "upload.drop": "Drop pictures here",
    "upload.browse": "Choose files",
    "upload.show": "Show in detail",
    "upload.problems": "These could not be read:",
    "camera.label": "Photograph a digit on paper",
    "camera.take": "Take photo",
    "camera.clear": "Clear photo",
    "camera.note": "One digit, thick pen, even light. The photo is read in memory and not kept.",
    # Verdict
    "verdict.digit": "I read a {label}",
    "verdict.no_digit": "I don't think this is a digit",
    "verdict.sure": "{sure} sure",
    "verdict.unsure": "only {sure} sure",
    "verdict.nearest": "The nearest class would be {label}, at {sure}.",
    "verdict.novelty": "Novelty {value} on a scale from 0, familiar, to 1, strange",
    "verdict.familiar": "looks like a digit",
    "verdict.strange": "looks strange",
    "verdict.time": "answered in {milliseconds} ms",
    "waiting.title": "Nothing to read yet",
    "waiting.step_draw": "Draw, send or pick a digit.",
    "waiting.step_see": "See it as the model sees it, and rebuilt from 64 numbers.",
    "waiting.step_label": "Compare what 1, 10, 100 or all labels per class are worth.",
    # Views
    "views.seen": "What the model sees",
    "views.seen_alt": "The digit, centred and scaled to 28 x 28 pixels",
    "views.rebuilt": "Rebuilt from 64 numbers",
    "views.rebuilt_alt": "The autoencoder's reconstruction of the digit",
    "views.error": "Where it errs",
    "views.error_alt": "Heat map of reconstruction minus input; on average {value} of full ink per pixel",
    "views.legend": "Warm: too much ink in the rebuilt digit. Cold: too little.",
    "probabilities.title": "Class probabilities",
    "probabilities.alt": "Bar chart of the ten class probabilities; highest: {label} at {sure}",
    # Label budget
    "budget.title": "How many labels does it take?",
    "budget.lead": (
        "The same digit, read by twelve networks of one size. The upper row only ever saw its labelled digits. "
        "The lower two first studied digits without any label."
    ),
    "budget.label": "Labels per class",
    "budget.1": "1",
    "budget.10": "10",
    "budget.100": "100",
    "budget.all": "all",
    "budget.1_total": "10 in total",
    "budget.10_total": "100 in total",
    "budget.100_total": "1,000 in total",
    "budget.all_total": "every label",
    "budget.1_said": "one label per class",
    "budget.10_said": "10 labels per class",
    "budget.100_said": "100 labels per class",
    "budget.all_said": "every label",
    "budget.caption": (
        "Columns: labels per class. Each cell: the class read, how sure, and the accuracy on 10,000 test digits."
    ),
    "budget.sure": "{sure} sure",
    "budget.known_help": "Accuracy on the 10,000 MNIST test digits, mean over seeds",
    "budget.takeaway": (
        "With {labels}, pretraining lifts the accuracy from {scratch} to {pretrained}: "
        "the network without it errs {factor} times as often."
    ),
    "budget.takeaway_even": (
        "With {labels}, both come close: {scratch} without pretraining, {pretrained} with it. "
        "Labels have caught up with what pretraining knew from the start."
    ),
    "method.scratch": "Without pretraining",
    "method.scratch_how": "labels only",
    "method.frozen": "Pretrained, frozen",
    "method.frozen_how": "a linear head on its features",
    "method.finetuned": "Pretrained, fine-tuned",
    "method.finetuned_how": "all weights go on learning",
    # Play
    "play.title": "Play with it",
    "play.label": "What to do with the digit",
    "play.inside": "Look inside",
    "play.repair": "Break and repair",
    "play.walk": "Walk the code",
    "play.empty": "Draw, send or pick a digit above, and this part comes to life.",
    "inside.code": "The code: all that is kept of the picture",
    "inside.code_alt": "Bar chart of the 64 numbers of the code",
    "inside.code_note": "The digit is rebuilt from these 64 numbers alone; the picture has 784 pixels.",
    "inside.mattered": "What mattered",
    "inside.mattered_alt": "Map of the spots whose hiding lowers the probability of class {label} most",
    "inside.mattered_note": (
        "Warm spots speak for {label}: hide one, and its probability falls. Cold ones speak against it."
    ),
    "prototypes.title": "Nearest prototypes",
    "prototypes.similarity": "similarity {value}",
    "prototypes.alt": "Prototype {rank}, the centre of a cluster with {share} of the training digits",
    "prototypes.note": "Centres of clusters that the encoder found without labels, painted by the decoder.",
    "repair.damage": "Damage",
    "repair.left": "hide left",
    "repair.right": "hide right",
    "repair.top": "hide top",
    "repair.bottom": "hide bottom",
    "repair.middle": "hide middle",
    "repair.noise": "add noise",
    "repair.amount": "How much",
    "repair.again": "Roll the noise again",
    "repair.damaged": "Damaged",
    "repair.damaged_alt": "The damaged digit",
    "repair.rebuilt": "Rebuilt",
    "repair.rebuilt_alt": "The digit as the denoising autoencoder rebuilds it",
    "repair.original": "Original",
    "repair.original_alt": "The digit before the damage",
    "repair.reads": "reads as {label}, {sure}",
    "repair.note": "The denoising autoencoder sees only the damaged picture.",
    "walk.end": "Walk to",
    "walk.end_kept": "The digit you kept",
    "walk.keep": "Keep the current digit as a goal",
    "walk.position": "Position",
    "walk.frame_alt": "Picture {index} of {count} on the way",
    "walk.here": "Here",
    "walk.here_alt": "The picture decoded at this point of the way",
    "walk.note": (
        "A straight line between two codes, decoded step by step. Most pictures on the way are digits nobody wrote."
    ),
    # Table
    "table.title": "All pictures",
    "table.file": "File",
    "table.label": "Class",
    "table.sure": "Sure",
    "table.novelty": "Novelty",
    "table.bce": "BCE",
    "table.no_digit": "none",
    "table.csv": "Download as CSV",
    # Errors
    **{f"error.{code}": text for code, text in MESSAGES.items()},
}
