"""Texts of adapting the recommender to a catalogue, in both languages."""

ENGLISH = {
    "task.adapt": "Recommender, adapted",
    "task.adapt_how": "Goes on with the recommender's training on the products of a catalogue of yours.",
    "set.own_catalogue": "a catalogue of your own",
    "set.own_catalogue_how": "What you have brought on the page Your catalogue.",
    "option.catalogue": "Catalogue",
}

CHINESE = {
    "task.adapt": "推荐模型（针对您的商品）",
    "task.adapt_how": "在您自己的商品目录上继续训练推荐模型。",
    "set.own_catalogue": "您自己的商品目录",
    "set.own_catalogue_how": "您在“自有目录”页带来的商品。",
    "option.catalogue": "商品目录",
}
