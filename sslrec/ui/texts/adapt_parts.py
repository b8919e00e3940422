"""Texts of adapting the recommender to a catalogue, in both languages."""

ENGLISH = {
    "adapt.title": "Adapt the recommender to it",
    "adapt.lead": "The two networks go on learning on your products: which picture goes with which words, without a "
    "label. A tenth of the names is left out and only measures. It takes up to {time} on two cores. "
    "For that your products lie on this server's disk until you leave, or longer if you let it go on "
    "without you.",
    "adapt.start": "Adapt to this catalogue",
    "adapt.few": "{count} of its products have both a name and a picture; at least {limit} are needed to learn from.",
    "adapt.watch": "Watch it on the Training page",
    "adapt.encoding": "Your products through the adapted networks: {done} of {total}",
    "adapt.again": "Start anew",
    "adapt.best": "For the name of a held-out product",
    "adapt.among": "the right picture is among the best {k}",
    "adapt.before": "before",
    "adapt.after": "after",
    "adapt.measured": "Measured on {count} held-out products. Another tenth of the names decided how much of the "
    "training is kept: {kept}.",
    "adapt.in_use": "Recommend now answers with the adapted networks, for this catalogue and for you alone.",
    "adapt.not_in_use": "Recommend answers with the shipped networks.",
    "adapt.back": "Back to the shipped networks",
    "adapt.use": "Use the adapted networks",
    "task.adapt": "Recommender, adapted",
    "task.adapt_how": "Goes on with the recommender's training on the products of a catalogue of yours.",
    "set.own_catalogue": "a catalogue of your own",
    "set.own_catalogue_how": "What you have brought on the page Your catalogue.",
    "option.catalogue": "Catalogue",
}

CHINESE = {
    "adapt.title": "让推荐模型适应它",
    "adapt.lead": "两个网络在您的商品上继续学习哪张图配哪些文字，不需要任何标签。十分之一的名称留出，只用来检验。"
    "在两个处理器核心上最多需要{time}。为此，您的商品会暂存在本服务器的磁盘上，直到您离开；如果让训练在您离开后继续，则会保留更久。",
    "adapt.start": "适应这个目录",
    "adapt.few": "既有名称又有图片的商品有 {count} 件，至少要有 {limit} 件才能学习。",
    "adapt.watch": "在“训练”页观看",
    "adapt.encoding": "您的商品正在通过适应后的网络：{done} / {total}",
    "adapt.again": "重新开始",
    "adapt.best": "按留出商品的名称查找",
    "adapt.among": "正确的图片在前 {k} 名之内",
    "adapt.before": "适应前",
    "adapt.after": "适应后",
    "adapt.measured": "在 {count} 件留出的商品上测得。另外十分之一的名称决定保留多少训练结果：{kept}。",
    "adapt.in_use": "“推荐”页现在用适应后的网络回答，只针对这个目录，也只对您一人。",
    "adapt.not_in_use": "“推荐”页用自带的网络回答。",
    "adapt.back": "换回自带的网络",
    "adapt.use": "使用适应后的网络",
    "task.adapt": "推荐模型（针对您的商品）",
    "task.adapt_how": "在您自己的商品目录上继续训练推荐模型。",
    "set.own_catalogue": "您自己的商品目录",
    "set.own_catalogue_how": "您在“自有目录”页带来的商品。",
    "option.catalogue": "商品目录",
}
