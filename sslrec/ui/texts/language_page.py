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
    "set.builtin_how": "Names and descriptions of some 1,300 products; the tiny model needs two seconds an epoch.",
    "set.text": "text corpora",
    "set.text_how": "Film abstracts, books, encyclopaedia and product names; an epoch takes minutes.",
    "strip.gap": "gap",
    "exhibit.gaps": "The same gaps, filled",
    "exhibit.gaps_note": (
        "Sentences that the model never trains on, each with one hidden word: its best guess, and how sure it is. "
        "Green is the word that stood there."
    ),
    "corpus.builtin": "built-in catalogue",
    "corpus.film_abstracts": "film abstracts",
    "corpus.gutenberg": "books",
    "corpus.product_names": "product names",
    "corpus.wikitext2": "encyclopaedia",
    "figure.gaps": "hidden words guessed, {corpus}",
    "figure.gaps_counted": "guessed by counting neighbours alone, {corpus}",
    "figure.of_corpus": "{figure}, {corpus}",
    "figure.validation_top_1": "hidden words guessed",
    "figure.validation_top_5": "hidden words among the best 5",
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
    "set.builtin_how": "约 1,300 件商品的名称和描述；微型模型每轮约两秒。",
    "set.text": "文本语料",
    "set.text_how": "电影简介、书籍、百科和商品名；每轮要几分钟。",
    "strip.gap": "空",
    "exhibit.gaps": "同样的空，填上了",
    "exhibit.gaps_note": "这些句子不参与训练，每句藏了一个词：显示模型最好的猜测和把握。绿色表示猜中原词。",
    "corpus.builtin": "内置商品目录",
    "corpus.film_abstracts": "电影简介",
    "corpus.gutenberg": "书籍",
    "corpus.product_names": "商品名",
    "corpus.wikitext2": "百科",
    "figure.gaps": "猜中隐藏词的比例（{corpus}）",
    "figure.gaps_counted": "只数邻词时猜中的比例（{corpus}）",
    "figure.of_corpus": "{figure}（{corpus}）",
    "figure.validation_top_1": "猜中隐藏词的比例",
    "figure.validation_top_5": "隐藏词在前 5 个猜测中的比例",
}
