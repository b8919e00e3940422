"""The texts of the Language page, and of language models on the other pages, in both languages."""

ENGLISH: dict[str, str] = {
    # Training: the task
    "preset.words": "Fill in missing words",
    "preset.words_text": "A Transformer reads product texts with hidden words. Watch its guesses begin to make sense.",
    "task.language": "Language model",
    "task.language_how": "Guesses words that are hidden in a text: a small DistilBERT, pretrained from nothing.",
    "option.size": "Size of the model",
    "option.size_small": "small, as the app ships it",
    "option.size_tiny": "tiny",
    "set.builtin": "built-in catalogue",
    "set.builtin_how": "Some 1,300 drawn products with names and descriptions.",
    "set.text": "text corpora",
    "set.text_how": "Film abstracts, books, encyclopaedia and product names.",
    "set.own": "a text of your own",
    "set.own_how": "What you have written or pasted on the Language page.",
    "option.text": "Text",
    "strip.gap": "gap",
    "exhibit.gaps": "The same gaps, filled",
    "exhibit.gaps_note": (
        "Sentences that the model never trains on, each with one hidden word: its best guess, and how sure it is. "
        "Green is the word that stood there."
    ),
    "corpus.builtin": "built-in catalogue",
    "corpus.own": "your own text",
    "corpus.film_abstracts": "film abstracts",
    "corpus.gutenberg": "books",
    "corpus.product_names": "product names",
    "corpus.wikitext2": "encyclopaedia",
    "figure.gaps": "hidden words guessed, {corpus}",
    "figure.gaps_counted": "guessed by counting neighbours alone, {corpus}",
    "figure.of_corpus": "{figure}, {corpus}",
    "figure.validation_top_1": "hidden words guessed",
    "figure.validation_top_5": "hidden words among the best 5",
    # The page
    "nav.language": "Language",
    "words.title": "Language",
    "words.lead": (
        "A Transformer that was pretrained by guessing hidden words. Hide a word and see what it would write there."
    ),
    "words.lead_shipped": (
        "A Transformer that was pretrained by guessing hidden words. Hide a word and see what it would write there. "
        "This one, the app's own, started from nothing and learned its English on two cores."
    ),
    "words.box": "Your text",
    "words.box_help": "Write [MASK] or ___ where a word is missing, or click a word below.",
    "words.unlinked": "The text is too long for the link of this page.",
    "words.click": "Click a word to hide it, and a gap to bring the word back",
    "words.gap": "gap",
    "words.time": "{count} pieces, read in {milliseconds} ms",
    "words.guesses": "What could stand there",
    "words.gap_number": "Gap {number}",
    "words.found": "You hid “{word}”: guess number {place}.",
    "words.not_found": "You hid “{word}”: not among the best {count} guesses.",
    "words.spelled": "You hid “{word}”: it is spelled with {count} pieces, and a gap takes one.",
    "words.unspelled": "You hid “{word}”: the model's vocabulary cannot spell it, so no guess can be it.",
    "words.long": "Of your text the first {count:,} characters were kept; the rest is not read.",
    "words.cut": "The model reads {limit} pieces at once; left out beyond that: {count:,}.",
    "words.unknown": (
        "Unknown to the model, which has read English alone: {count} of the words or signs (emoji, Chinese and the "
        "like). It goes by the rest."
    ),
    "words.unknown_foreign": (
        "Not in this model's vocabulary: {count} of the words or signs of the text. It goes by the rest."
    ),
    "words.no_gap": "Nothing is hidden yet: click a word above, or write [MASK] where one is missing.",
    "words.accept": "Put the best guesses in",
    "words.more": "Further gaps, filled in the sentence above: {count}.",
    "words.alone": "Each gap is guessed by itself, without knowing what is put into the others.",
    "words.empty": "Write a text above, and this part comes to life.",
    "words.more_title": "Look closer",
    "words.play": "What to look at",
    "words.by_model": "model",
    "words.by_counts": "counting neighbours",
    "words.rows": "{count:,} rows of {length} pieces",
    "show.attention": "Attention",
    "show.likeness": "Similarity",
    "show.pieces": "Pieces and ids",
    "show.model": "The model",
    "attention.layer": "Layer",
    "attention.head": "Head",
    "attention.mean": "mean",
    "attention.signs": "With the signs for start and end",
    "attention.cut": "The map shows pieces {first} to {last} of {count}.",
    "attention.columns": "looked at",
    "attention.rows": "looking",
    "attention.alt": "Heat map of the attention between the pieces of the text in layer {layer}",
    "attention.note": (
        "Each row is a piece of the text, and shows which others it gathers information from. The stronger the colour, "
        "the more; over all pieces of the text a row sums to 100 %."
    ),
    "likeness.box": "Product descriptions, one a line",
    "likeness.few": "Write two descriptions or more, one a line.",
    "likeness.many": "The first {count} lines are compared.",
    "likeness.cut": "Of a line the model reads {parts} parts of {limit} pieces; left out beyond that: {count:,}.",
    "likeness.blank": "Lines of which the model knows no word have no figures.",
    "likeness.note": (
        "Cosines of the texts' vectors, each the mean over a text's pieces in the last layer. What counts is which are "
        "higher; framed is the nearest to each row. Nobody told the model which texts are alike."
    ),
    "pieces.note": (
        "Words and signs: {words}; pieces: {count}, start and end included. Each piece has a number from 0 to "
        "{last:,}; a word that is not in the vocabulary is spelled with several, ## marks those that go on."
    ),
    "own.title": "Pretrain one on your own text",
    "own.lead": (
        "Paste an English text: product descriptions, letters, a book's chapter. A small Transformer starts from "
        "nothing and learns to guess its hidden words, while you watch."
    ),
    "own.box": "Your own text, {count} sentences or more",
    "own.start": "Start the training",
    "own.note": (
        "About {time} on two cores. The text is kept on this server as long as its run is, so that the training can go "
        "on, and is deleted once newer runs have pushed the run out. Every 20th sentence is left out to measure on."
    ),
    "model.layers": "layers × attention heads",
    "model.width": "numbers for each piece",
    "model.vocabulary": "pieces in the vocabulary",
    "model.weights": "weights, all learned here",
    "model.file": "on disk",
    "model.command": "Trained by",
    "model.weights_foreign": "weights, learned elsewhere",
    "model.command_foreign": "Fetched by",
    "model.which": "Model",
    "model.shipped": "this app's own",
    "model.foreign": (
        "“{name}” was pretrained by its authors on texts that are not here, so how often it guesses right was not "
        "measured on lines that are new to it. It is used as it was published, its weights a byte each."
    ),
    "model.corpora": "Hidden words guessed right",
    "model.corpora_note": (
        "On lines that neither the model nor the counts have seen. Counting looks at the two neighbours of a gap and "
        "what stood between them before."
    ),
    "model.curve": "The pretraining",
    "model.curve_alt": "Line chart of the loss at the end of each epoch, in training and on held-out lines",
    "model.curve_note": "Cross-entropy of the hidden words, in nats, at the end of each epoch.",
}
CHINESE: dict[str, str] = {
    # Training: the task
    "preset.words": "填补缺失的词",
    "preset.words_text": "Transformer 读着藏了词的商品文字。看它的猜测从胡言乱语变得有道理。",
    "task.language": "语言模型",
    "task.language_how": "猜出文字中被藏起来的词：一个从零预训练的小型 DistilBERT。",
    "option.size": "模型大小",
    "option.size_small": "小型，与应用自带的相同",
    "option.size_tiny": "微型",
    "set.builtin": "内置商品目录",
    "set.builtin_how": "约 1,300 件程序绘制的商品及其名称和描述。",
    "set.text": "文本语料",
    "set.text_how": "电影简介、书籍、百科和商品名。",
    "set.own": "您自己的文字",
    "set.own_how": "您在“语言”页写下或粘贴的文字。",
    "option.text": "文字",
    "strip.gap": "空",
    "exhibit.gaps": "同样的空，填上了",
    "exhibit.gaps_note": "这些句子不参与训练，每句藏了一个词：显示模型最好的猜测和把握。绿色表示猜中原词。",
    "corpus.builtin": "内置商品目录",
    "corpus.own": "您自己的文字",
    "corpus.film_abstracts": "电影简介",
    "corpus.gutenberg": "书籍",
    "corpus.product_names": "商品名",
    "corpus.wikitext2": "百科",
    "figure.gaps": "猜中隐藏词的比例（{corpus}）",
    "figure.gaps_counted": "只数邻词时猜中的比例（{corpus}）",
    "figure.of_corpus": "{figure}（{corpus}）",
    "figure.validation_top_1": "猜中隐藏词的比例",
    "figure.validation_top_5": "隐藏词在前 5 个猜测中的比例",
    # The page
    "nav.language": "语言",
    "words.title": "语言",
    "words.lead": "一个靠猜被藏的词预训练的 Transformer。藏起一个词，看它会写什么。",
    "words.lead_shipped": (
        "一个靠猜被藏的词预训练的 Transformer。藏起一个词，看它会写什么。"
        "这一个是本应用自己的模型：从零开始，在两个核心上学会了英语。"
    ),
    "words.box": "您的文字",
    "words.box_help": "缺词的地方写 [MASK] 或 ___，或点击下面的词。",
    "words.unlinked": "文字太长，本页链接里不含它。",
    "words.click": "点一个词把它藏起来；点一个空把词放回来",
    "words.gap": "空",
    "words.time": "{count} 个词片，{milliseconds} 毫秒读完",
    "words.guesses": "这里可能是",
    "words.gap_number": "第 {number} 个空",
    "words.found": "您藏了“{word}”：第 {place} 个猜测。",
    "words.not_found": "您藏了“{word}”：不在前 {count} 个猜测中。",
    "words.spelled": "您藏了“{word}”：它由 {count} 个词片拼成，而一个空只填一个词片。",
    "words.unspelled": "您藏了“{word}”：模型的词表拼不出它，所以不可能猜中。",
    "words.long": "您的文字只保留了前 {count:,} 个字符，其余的没有读。",
    "words.cut": "模型一次最多读 {limit} 个词片，超出的 {count:,} 个没有读。",
    "words.unknown": "有 {count} 个词或符号模型不认识（如表情、中文），它只读过英语，只能凭其余部分判断。",
    "words.unknown_foreign": "文字中有 {count} 个词或符号不在这个模型的词表里，它只能凭其余部分判断。",
    "words.no_gap": "还没有藏任何词：点击上面的词，或在缺词处写 [MASK]。",
    "words.accept": "填入最好的猜测",
    "words.more": "另有 {count} 个空已在上面的句子里填好。",
    "words.alone": "每个空单独猜，不知道其他空填了什么。",
    "words.empty": "在上面写些文字，这里就会显示内容。",
    "words.more_title": "看得更细",
    "words.play": "看什么",
    "words.by_model": "模型",
    "words.by_counts": "只数邻词",
    "words.rows": "{count:,} 行，每行 {length} 个词片",
    "show.attention": "注意力",
    "show.likeness": "相似度",
    "show.pieces": "词片和编号",
    "show.model": "模型",
    "attention.layer": "层",
    "attention.head": "头",
    "attention.mean": "平均",
    "attention.signs": "含首尾符号",
    "attention.cut": "图中显示第 {first} 至第 {last} 个词片，共 {count} 个。",
    "attention.columns": "被看的",
    "attention.rows": "在看的",
    "attention.alt": "第 {layer} 层中文字各词片之间注意力的热图",
    "attention.note": "每一行是一个词片，显示它从哪些词片收集信息。颜色越浓越多；每行对全部词片合计 100 %。",
    "likeness.box": "商品描述，每行一条（英文）",
    "likeness.few": "请写两条或更多描述，每行一条。",
    "likeness.many": "比较前 {count} 行。",
    "likeness.cut": "每一行，模型最多读 {parts} 段，每段 {limit} 个词片，超出的 {count:,} 个没有读。",
    "likeness.blank": "模型一个词都不认识的行没有数值。",
    "likeness.note": (
        "文字向量的余弦；每个向量是最后一层各词片的平均。重要的是哪些更高；加框的是每行最相近的。没有人告诉模型哪些文字相像。"
    ),
    "pieces.note": (
        "{words} 个词和符号变成 {count} 个词片，含首尾。每个词片有 0 到 {last:,} 的编号；"
        "词表里没有的词由几个词片拼成，## 表示接续。"
    ),
    "own.title": "用自己的文字预训练一个",
    "own.lead": "粘贴一段英文：商品描述、信件、书的一章。一个小 Transformer 从零开始学猜被藏的词，您可以看着。",
    "own.box": "您自己的文字，至少 {count} 句",
    "own.start": "开始训练",
    "own.note": (
        "在两个核心上约 {time}。为了能继续训练，这次训练在这台服务器上保留多久，文字就保留多久；"
        "这次训练被较新的训练挤掉后，文字也会删除。每 20 句留出一句用来测量。"
    ),
    "model.layers": "层 × 注意力头",
    "model.width": "每个词片的数字个数",
    "model.vocabulary": "词表中的词片",
    "model.weights": "个权重，全部在此学得",
    "model.file": "磁盘占用",
    "model.command": "训练命令",
    "model.weights_foreign": "个权重，在别处学得",
    "model.command_foreign": "获取命令",
    "model.which": "模型",
    "model.shipped": "本应用自己的模型",
    "model.foreign": (
        "“{name}”由其作者用本应用没有的文本预训练，因此无法在它没见过的文本上测量猜中率。"
        "模型原样使用，只是每个权重存为一个字节。"
    ),
    "model.corpora": "猜中的隐藏词",
    "model.corpora_note": "所用的行模型和计数都没见过。计数只看空的两个邻词，以及以前它们之间出现过什么。",
    "model.curve": "预训练过程",
    "model.curve_alt": "每轮结束时训练和留出行上损失的折线图",
    "model.curve_note": "隐藏词的交叉熵，单位 nat，每轮结束时测量。",
}
